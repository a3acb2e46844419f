// The Audio Spectrogram Transformer as published: ViT over overlapping patches of log-mel frames.
#include <torch/torch.h>

#include <algorithm>

#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/time.h"
#include "encoders/transformer_stack.h"
#include "encoders/vit_encoder.h"

namespace braid::encoders {

extern const Method ast;

namespace {

constexpr int64_t kNumSpecial = 2;  // class and distillation token

struct Config : StackConfig {
  int64_t patch = 0;
  int64_t band_stride = 0;
  int64_t time_stride = 0;
  int64_t bands = 0;
  int64_t frames = 0;
  std::string pooled = "special_tokens";
  template <class V>
  void visit(V& v) {
    StackConfig::visit(v);
    v("patch", patch, between(0, 1024),
      "side of a patch in bands and frames; 0 = 16, or all bands where there are fewer");
    v("band_stride", band_stride, between(0, 1024),
      "bands from patch to patch; 0 = five eighths of patch; smaller = more tokens");
    v("time_stride", time_stride, between(0, 1024), "the same of frames");
    v("bands", bands, between(0, 4096),
      "mel bands that the checkpoint was made for; 0 = as many as the modality has");
    v("frames", frames, between(0, 1000000),
      "frames that the learned positions cover; 0 = the longest sound");
    v("pooled", pooled, one_of({"special_tokens", "mean"}),
      "the mean of the class and the distillation token, or of the patches");
  }
};

struct Grid {
  int64_t side, band_stride, time_stride;
  int64_t rows;     // patches over the bands
  int64_t columns;  // patches over the frames that have positions
};

Grid grid_of(const Config& config, const data::ModalitySpec& spec) {
  const int64_t bands = config.bands > 0 ? config.bands : spec.features;
  BRAID_CHECK(spec.features == bands, config,
              "{} mel bands: expected {}, as the encoder has; set prepare.audio.log_mel.num_mels",
              spec.features, bands);
  Grid grid;
  grid.side = config.patch > 0 ? config.patch : std::min<int64_t>(16, bands);
  BRAID_CHECK(grid.side <= bands, config,
              "patch: expected at most the number of mel bands ({}), got {}; make it smaller",
              bands, grid.side);
  const int64_t stride = (5 * grid.side + 7) / 8;
  grid.band_stride = config.band_stride > 0 ? config.band_stride : stride;
  grid.time_stride = config.time_stride > 0 ? config.time_stride : stride;
  grid.rows = num_windows(bands, grid.side, grid.band_stride);
  const int64_t frames = config.frames > 0 ? config.frames : spec.max_length;
  grid.columns = num_windows(frames, grid.side, grid.time_stride);
  BRAID_CHECK(num_windows(spec.max_length, grid.side, grid.time_stride) <= grid.columns, config,
              "{} frames: expected at most {}, for which there are positions; cut the sounds",
              spec.max_length, frames);
  return grid;
}

/// Overlapping patches, a class and a distillation token, learned positions, pre-norm blocks, final
/// norm. Published checkpoints were trained on sounds of one length, padded before the mean was
/// taken off: prepared like that all frames count as real. Frames beyond a shorter sound's end are
/// zeros here, and a patch that reaches beyond it is no token.
///
/// Shapes   values (B, T, F) -> tokens (B, columns * rows, D), all patches of the first frames
///          first; Encoded::hidden has the class and the distillation token in front of them.
/// Errors   config: bands other than the checkpoint's, more frames than it has positions for.
/// Source   Gong et al. 2021, arXiv:2104.01778.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Impl(config, spec, grid_of(config, spec)) {}

  int64_t embedding_width() const override { return width(); }
  std::vector<int64_t> tap_widths() const override { return stack_tap_widths(config_); }

 protected:
  Encoded compute(const Input& input) override {
    const Tensor places = embed(input.values);  // [B, 2 + tokens, D]
    const int64_t B = places.size(0), columns = (places.size(1) - kNumSpecial) / grid_.rows;
    const Tensor real =
        first_places(num_windows(real_lengths(input.mask), grid_.side, grid_.time_stride), columns);
    Encoded out;
    out.mask = real.unsqueeze(2).expand({B, columns, grid_.rows}).reshape({B, -1});
    const Tensor keys = at::cat({at::ones({B, kNumSpecial}, out.mask.options()), out.mask}, 1);
    std::vector<Tensor> hidden;
    const Tensor last =
        norm_(stack_(places, keys, Tensor(), wants_hidden || wants_taps ? &hidden : nullptr));
    out.tokens = patches_of(last);
    if (wants_taps)
      for (size_t i = 1; i + 1 < hidden.size(); ++i)
        out.taps.push_back(layers::masked_mean(patches_of(hidden[i]), out.mask));
    if (wants_hidden) out.hidden = std::move(hidden);
    out.pooled = config_.pooled == "mean" ? layers::masked_mean(out.tokens, out.mask)
                                          : last.slice(/*dim=*/1, 0, kNumSpecial).mean(/*dim=*/1);
    if (wants_embedding) out.embedding = out.pooled;
    return out;
  }

 private:
  Impl(const Config& config, const data::ModalitySpec& spec, const Grid& grid)
      : Encoder(spec, config.width,
                grid.rows * num_windows(spec.max_length, grid.side, grid.time_stride)),
        config_(config),
        grid_(grid) {
    const int64_t D = config.width;
    const auto small = [&](int64_t rows) { return 0.02 * torch::randn({1, rows, D}); };
    patches_ = register_module(
        "patches", torch::nn::Conv2d(torch::nn::Conv2dOptions(/*in=*/1, D, grid.side)
                                         .stride({grid.band_stride, grid.time_stride})));
    class_token_ = register_parameter("class_token", small(1));
    distillation_token_ = register_parameter("distillation_token", small(1));
    positions_ = register_parameter("positions", small(kNumSpecial + grid.rows * grid.columns));
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    stack_ = register_module("stack", TransformerStack(config, StackShape{}));
    norm_ = register_module("norm", layers::LayerNorm(D, config.epsilon));
  }

  static Tensor patches_of(const Tensor& places) { return places.slice(/*dim=*/1, kNumSpecial); }

  Tensor embed(const Tensor& values) {
    const int64_t B = values.size(0), D = width();
    const Tensor picture =
        pad_time_to(values, grid_.side).transpose(1, 2).unsqueeze(1);  // [B, 1, F, T]
    const Tensor grid = patches_(picture);                             // [B, D, rows, columns]
    const int64_t columns = grid.size(3);
    // Checkpoints have the positions of a row of patches side by side.
    const Tensor positions = patches_of(positions_)
                                 .view({grid_.rows, grid_.columns, D})
                                 .slice(/*dim=*/1, 0, columns)
                                 .transpose(0, 1)
                                 .reshape({1, columns * grid_.rows, D});
    const Tensor special = at::cat({class_token_, distillation_token_}, /*dim=*/1) +
                           positions_.slice(/*dim=*/1, 0, kNumSpecial);  // [1, 2, D]
    const Tensor patches = grid.permute({0, 3, 2, 1}).reshape({B, columns * grid_.rows, D});
    return dropout_(at::cat({special.expand({B, kNumSpecial, D}), patches + positions}, /*dim=*/1));
  }

  const Config config_;
  const Grid grid_;
  torch::nn::Conv2d patches_{nullptr};
  Tensor class_token_, distillation_token_, positions_;
  layers::Dropout dropout_{nullptr};
  TransformerStack stack_{nullptr};
  layers::LayerNorm norm_{nullptr};
};

Json config_of(const Published& published, const std::string& where) {
  const Json& given = published.config;
  published_must_be(given, "qkv_bias", true, where);
  Json config;
  config["width"] = published_integer(given, "hidden_size", where);
  config["layers"] = published_integer(given, "num_hidden_layers", where);
  config["heads"] = published_integer(given, "num_attention_heads", where);
  config["mlp_width"] = published_integer(given, "intermediate_size", where);
  config["activation"] =
      activation_of(published_text(given, "hidden_act", where, "gelu"), where + ": hidden_act");
  config["epsilon"] = published_number(given, "layer_norm_eps", where, 1e-12);
  config["dropout"] = published_number(given, "hidden_dropout_prob", where, 0.0);
  config["attention_dropout"] = published_number(given, "attention_probs_dropout_prob", where, 0.0);
  config["patch"] = published_integer(given, "patch_size", where, 16);
  config["band_stride"] = published_integer(given, "frequency_stride", where, 10);
  config["time_stride"] = published_integer(given, "time_stride", where, 10);
  config["bands"] = published_integer(given, "num_mel_bins", where, 128);
  config["frames"] = published_integer(given, "max_length", where, 1024);
  return config;
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {{"audio-spectrogram-transformer"},
                                         config_of,
                                         vit_names(),
                                         {"audio_spectrogram_transformer."},
                                         {"classifier."}};
  return known;
}

bool reads(data::Kind kind) { return kind == data::Kind::audio; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(ast, json, where, spec);
}

}  // namespace

const Method ast = {"ast",
                    "Audio Spectrogram Transformer: ViT over overlapping patches of log-mel "
                    "frames, as published.",
                    "Gong et al. 2021, arXiv:2104.01778",
                    reads,
                    /*is_raw=*/false,
                    describe_config<Config>,
                    make,
                    family};

}  // namespace braid::encoders
