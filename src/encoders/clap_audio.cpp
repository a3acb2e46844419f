// The audio tower of CLAP (HTSAT): a spectrogram folded into a square picture, a Swin Transformer,
// and a projection into the space it shares with text.
#include <torch/torch.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/swin_stage.h"
#include "encoders/time.h"
#include "encoders/transformer_stack.h"

namespace braid::encoders {

extern const Method clap_audio;

namespace {

constexpr double kBatchNormEpsilon = 1e-5;

struct Config {
  int64_t width = 32;
  std::vector<int64_t> depths = {2, 2};
  std::vector<int64_t> heads = {2, 4};
  double mlp_ratio = 4;
  int64_t patch = 0;
  int64_t window = 0;
  int64_t bands = 0;
  int64_t spectrogram = 0;
  std::string activation = "gelu";
  double epsilon = 1e-5;
  double dropout = 0.1;
  double attention_dropout = 0;
  int64_t projection = 0;
  template <class V>
  void visit(V& v) {
    v("width", width, between(1, 16384),
      "D of the tokens, the width of the last stage; each stage before has half of the next one's");
    v("depths", depths, between(1, 64), "blocks of each stage; between stages the grid is halved");
    v("heads", heads, between(1, 256), "attention heads of each stage; its width is a multiple");
    v("mlp_ratio", mlp_ratio, between(0.25, 16), "hidden width of each MLP over the stage's width");
    v("patch", patch, between(0, 256),
      "bands and frames of a patch; 0 = 4, or fewer where the bands divide better");
    v("window", window, between(0, 256),
      "side of an attention window in patches; 0 = the largest that fits, 8 at most");
    v("bands", bands, between(0, 4096),
      "mel bands that the checkpoint was made for; 0 = as many as the modality has");
    v("spectrogram", spectrogram, between(0, 16384),
      "side of the picture that the frames are folded into; 0 = as the longest sound needs");
    v("activation", activation, one_of({"gelu", "gelu_new", "quick_gelu", "relu", "silu"}),
      "of each block's MLP");
    v("epsilon", epsilon, between(0, 1), "added to the variance in the blocks' layer norms");
    v("dropout", dropout, between(0, 0.9), "chance to drop an activation while training");
    v("attention_dropout", attention_dropout, between(0, 0.9),
      "chance to drop an attention weight while training");
    v("projection", projection, between(0, 16384),
      "E of the embedding in the space shared with text; 0 = pooled is the embedding");
  }
};

// How frames become a picture and the picture tokens.
struct Layout {
  int64_t stages;
  int64_t patch;
  int64_t window;
  int64_t parts;   // that the frames are cut into, one below the other in the picture
  int64_t height;  // bands of a part
  int64_t side;    // patches of the picture along one side, at the first stage
  int64_t last_side() const { return side >> (stages - 1); }
  int64_t frames() const { return parts * parts * height; }  // after resampling
  int64_t steps() const { return parts * last_side(); }      // of time, at the last stage
  int64_t rows() const { return last_side() / parts; }       // tokens of a step
};

void check_stages(const Config& config) {
  const auto stages = static_cast<int64_t>(config.depths.size());
  BRAID_CHECK(stages >= 1 && stages <= 8 && config.heads.size() == config.depths.size(), config,
              "depths, heads: expected as many entries in each, 1 to 8, got {} and {}; name one "
              "number per stage",
              stages, config.heads.size());
  for (int64_t i = 0; i < stages; ++i) {
    const int64_t unit = config.heads[size_t(i)] << (stages - 1 - i);
    BRAID_CHECK(config.width % unit == 0 && config.width % (int64_t{1} << (stages - 1)) == 0,
                config,
                "width: expected a multiple of {} for {} heads in stage {} of {}, got {}; change "
                "one of them",
                unit, config.heads[size_t(i)], i + 1, stages, config.width);
  }
}

int64_t patch_for(int64_t bands, int64_t stages) {
  for (int64_t patch = 4; patch > 1; --patch)
    if (bands % (patch << (stages - 1)) == 0) return patch;
  return bands % (int64_t{1} << (stages - 1)) == 0 ? 1 : 4;
}

int64_t window_for(int64_t side) {
  for (int64_t window = 8; window > 1; --window)
    if (side % window == 0) return window;
  return side;
}

Layout layout_of(const Config& config, const data::ModalitySpec& spec) {
  check_stages(config);
  BRAID_CHECK(config.bands == 0 || spec.features == config.bands, config,
              "{} mel bands: expected {}, as the encoder has; set prepare.audio.log_mel.num_mels",
              spec.features, config.bands);
  Layout layout;
  layout.stages = static_cast<int64_t>(config.depths.size());
  layout.patch = config.patch > 0 ? config.patch : patch_for(spec.features, layout.stages);
  const int64_t unit = layout.patch << (layout.stages - 1);
  if (config.spectrogram > 0) {
    layout.parts = config.spectrogram / spec.features;
    BRAID_CHECK(layout.parts > 0 && config.spectrogram % (unit * layout.parts) == 0, config,
                "spectrogram: expected at least {} bands and a multiple of {} (patch, stages and "
                "parts), got {}; change it",
                spec.features, unit * std::max<int64_t>(1, layout.parts), config.spectrogram);
    layout.height = config.spectrogram / layout.parts;
  } else {
    layout.height = (spec.features + unit - 1) / unit * unit;
    layout.parts = 2;
    while (layout.frames() < spec.max_length) ++layout.parts;
  }
  layout.side = layout.parts * layout.height / layout.patch;
  layout.window = config.window > 0 ? config.window : window_for(layout.last_side());
  BRAID_CHECK(layout.last_side() % layout.window == 0, config,
              "window: expected a divisor of the last stage's side ({}), got {}; change it",
              layout.last_side(), layout.window);
  BRAID_CHECK(spec.max_length <= layout.frames(), config,
              "{} frames: expected at most {}, which fill the picture; cut the sounds",
              spec.max_length, layout.frames());
  return layout;
}

/// Keys' cubic convolution with a = -0.75 at the places k * (length - 1) / (size - 1): each row's
/// first `lengths` frames resampled to `size`, the ends kept.
///
/// Shapes   x (B, T, F), lengths (B) -> (B, size, F).
/// Source   Keys 1981, doi:10.1109/TASSP.1981.1163711.
Tensor resampled(const Tensor& x, const Tensor& lengths, int64_t size) {
  constexpr double a = -0.75;
  const auto real = x.options().requires_grad(false);
  const Tensor last = (lengths - 1).clamp_min(0).unsqueeze(1);  // [B, 1]
  const Tensor scale = last.to(x.dtype()) / static_cast<double>(std::max<int64_t>(1, size - 1));
  const Tensor place = scale * at::arange(size, real);  // [B, size]
  const Tensor before = at::minimum(place.floor().to(at::kLong), last);
  const Tensor t = place - before.to(x.dtype());
  const auto near = [&](const Tensor& d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
  const auto far = [&](const Tensor& d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
  const std::vector<Tensor> weights = {far(t + 1), near(t), near(1 - t), far(2 - t)};
  Tensor sum;
  for (int64_t tap = 0; tap < 4; ++tap) {
    const Tensor from = at::minimum((before + (tap - 1)).clamp_min(0), last);
    const Tensor index = from.unsqueeze(2).expand({x.size(0), size, x.size(2)});
    const Tensor part = x.gather(/*dim=*/1, index) * weights[size_t(tap)].unsqueeze(2);
    sum = sum.defined() ? sum + part : part;
  }
  return sum;
}

/// A batch norm of each band by the checkpoint's statistics, frames resampled to the picture's
/// number, cut into parts and stacked, patches, stages of windows, final norm, the mean; the
/// projection is two linear layers. The statistics are those of pretraining and stay, in training
/// too: rows must not depend on their batch. A sound shorter than the picture has steps hands out
/// means of these steps, no more than it has frames.
///
/// Shapes   values (B, T, F) -> tokens (B, steps * rows, D), all rows of the first step first;
///          pooled (B, D), embedding (B, D or E). Encoded::hidden and taps are of the stages: what
///          enters each one and the last hands on.
/// Errors   config: other bands, more frames than the picture holds, sizes that do not divide.
/// Source   Chen et al. 2022 (HTSAT), arXiv:2202.00874; Wu et al. 2023 (CLAP), arXiv:2211.06687.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Impl(config, spec, layout_of(config, spec)) {}

  int64_t embedding_width() const override {
    return config_.projection > 0 ? config_.projection : width();
  }
  std::vector<int64_t> tap_widths() const override {
    std::vector<int64_t> widths;
    for (int64_t i = 0; i + 1 < layout_.stages; ++i) widths.push_back(width_of(i));
    return widths;
  }

 protected:
  Encoded compute(const Input& input) override {
    const Tensor lengths = real_lengths(input.mask);
    Tensor x = embed(input.values, lengths);  // [B, side^2, D of the first stage]
    Encoded out;
    for (size_t i = 0; i < stages_.size(); ++i) {
      if (wants_hidden) out.hidden.push_back(x);
      x = stages_[i](x);
      if (i + 1 == stages_.size()) break;
      if (wants_taps) out.taps.push_back(x.mean(/*dim=*/1));
      x = stages_[i]->merge(x);
    }
    if (wants_hidden) out.hidden.push_back(x);
    x = norm_(x);
    out.pooled = x.mean(/*dim=*/1);
    std::tie(out.tokens, out.mask) = tokens_of(x, lengths, input.values.size(1));
    if (wants_embedding)
      out.embedding = config_.projection > 0
                          ? projection2_(projection1_(out.pooled, ops::Activation::relu))
                          : out.pooled;
    return out;
  }

 private:
  Impl(const Config& config, const data::ModalitySpec& spec, const Layout& layout)
      : Encoder(spec, config.width, layout.rows() * std::min(layout.steps(), spec.max_length)),
        config_(config),
        layout_(layout) {
    const int64_t F = spec.features, first = width_of(0), D = config.width;
    band_weight_ = register_parameter("band_weight", torch::ones({F}));
    band_bias_ = register_parameter("band_bias", torch::zeros({F}));
    band_mean_ = register_buffer("band_mean", torch::zeros({F}));
    band_variance_ = register_buffer("band_variance", torch::ones({F}));
    patches_ = register_module(
        "patches",
        torch::nn::Conv2d(
            torch::nn::Conv2dOptions(/*in=*/1, first, layout.patch).stride(layout.patch)));
    patch_norm_ = register_module("patch_norm", layers::LayerNorm(first));
    const auto stages = register_module("stages", torch::nn::ModuleList());
    for (int64_t i = 0; i < layout.stages; ++i) {
      StackConfig stage;
      stage.width = width_of(i);
      stage.heads = config.heads[size_t(i)];
      stage.mlp_width = static_cast<int64_t>(config.mlp_ratio * static_cast<double>(stage.width));
      stage.activation = config.activation;
      stage.epsilon = config.epsilon;
      stage.dropout = config.dropout;
      stage.attention_dropout = config.attention_dropout;
      stages_.emplace_back(stage, SwinStageShape{config.depths[size_t(i)], layout.side >> i,
                                                 layout.window, i + 1 < layout.stages});
      stages->push_back(stages_.back());
    }
    norm_ = register_module("norm", layers::LayerNorm(D));
    if (config.projection == 0) return;
    const int64_t E = config.projection;
    projection1_ = register_module("projection1", layers::Linear(D, E));
    projection2_ = register_module("projection2", layers::Linear(E, E));
  }

  int64_t width_of(int64_t stage) const { return config_.width >> (layout_.stages - 1 - stage); }

  Tensor embed(const Tensor& values, const Tensor& lengths) {
    const Tensor scale = band_weight_ / (band_variance_ + kBatchNormEpsilon).sqrt();
    Tensor x = (values - band_mean_) * scale + band_bias_;
    x = resampled(x, lengths, layout_.frames());  // [B, frames, F]
    if (x.size(2) < layout_.height) {
      const Tensor all = at::full({x.size(0)}, x.size(2), lengths.options());
      x = resampled(x.transpose(1, 2), all, layout_.height).transpose(1, 2);
    }
    const int64_t B = x.size(0), side = layout_.parts * layout_.height;
    const Tensor picture = x.reshape({B, layout_.parts, side, layout_.height})
                               .transpose(2, 3)
                               .reshape({B, 1, side, side});
    return patch_norm_(patches_(picture).flatten(/*start_dim=*/2).transpose(1, 2));
  }

  // Step by step of time; fewer steps where a row has fewer frames. Shapes   x (B, last side^2, D).
  std::pair<Tensor, Tensor> tokens_of(const Tensor& x, const Tensor& lengths, int64_t T) const {
    const int64_t B = x.size(0), D = x.size(2), rows = layout_.rows(), steps = layout_.steps();
    Tensor tokens = x.reshape({B, layout_.parts, rows, layout_.last_side(), D})
                        .transpose(2, 3)
                        .reshape({B, steps, rows * D});
    const int64_t most = std::min(T, steps);
    const Tensor own = lengths.clamp_max(steps);  // [B]
    const Tensor real = first_places(own, most);  // [B, most]
    if (most < steps || !is_known_true(real)) {
      const Tensor count = own.clamp_min(1).view({B, 1, 1});
      const Tensor part = at::arange(most, own.options()).view({1, most, 1});
      const Tensor step = at::arange(steps, own.options()).view({1, 1, steps});
      const Tensor inside =
          step.ge((part * steps).div(count, "floor"))
              .logical_and(step.lt(((part + 1) * steps + (count - 1)).div(count, "floor")));
      const Tensor weight = inside.to(x.dtype());  // [B, most, steps]
      tokens = at::bmm(weight / weight.sum(/*dim=*/2, /*keepdim=*/true).clamp_min(1), tokens);
    }
    return {tokens.reshape({B, most * rows, D}),
            real.unsqueeze(2).expand({B, most, rows}).reshape({B, most * rows})};
  }

  const Config config_;
  const Layout layout_;
  Tensor band_weight_, band_bias_, band_mean_, band_variance_;
  torch::nn::Conv2d patches_{nullptr};
  layers::LayerNorm patch_norm_{nullptr}, norm_{nullptr};
  std::vector<SwinStage> stages_;
  layers::Linear projection1_{nullptr}, projection2_{nullptr};
};

Json config_of(const Published& published, const std::string& where) {
  const Json& given = published_tower(published.config, "audio_config");
  published_must_be(given, "enable_fusion", false, where);
  published_must_be(given, "qkv_bias", true, where);
  published_must_be(given, "enable_patch_layer_norm", true, where);
  published_must_be(given, "flatten_patch_embeds", true, where);
  published_must_be(given, "patch_embed_input_channels", 1, where);
  published_must_be(given, "projection_hidden_act", "relu", where);
  Json config;
  const int64_t patch = published_integer(given, "patch_size", where, 4);
  published_must_be(given, "patch_stride", Json::array({patch, patch}), where);
  const std::vector<int64_t> depths = published_integers(given, "depths", where);
  const int64_t first = published_integer(given, "patch_embeds_hidden_size", where, 96);
  BRAID_CHECK(depths.size() <= 8 && first >= 1 && first <= 16384, config,
              "{}: config.json: depths, patch_embeds_hidden_size: expected 8 stages at most and a "
              "width of 1 to 16384, got {} and {}; the folder is damaged",
              where, depths.size(), first);
  config["width"] = first << (depths.size() - 1);
  config["depths"] = depths;
  config["heads"] = published_integers(given, "num_attention_heads", where);
  config["mlp_ratio"] = published_number(given, "mlp_ratio", where, 4.0);
  config["patch"] = patch;
  config["window"] = published_integer(given, "window_size", where, 8);
  config["bands"] = published_integer(given, "num_mel_bins", where, 64);
  config["spectrogram"] = published_integer(given, "spec_size", where, 256);
  config["activation"] =
      activation_of(published_text(given, "hidden_act", where, "gelu"), where + ": hidden_act");
  config["epsilon"] = published_number(given, "layer_norm_eps", where, 1e-5);
  config["dropout"] = published_number(given, "hidden_dropout_prob", where, 0.1);
  config["attention_dropout"] = published_number(given, "attention_probs_dropout_prob", where, 0.0);
  const int64_t projection =
      published_integer(given, "projection_dim", where,
                        published_integer(published.config, "projection_dim", where, 512));
  config["projection"] = published.has("audio_projection.linear1.weight") ? projection : 0;
  return config;
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"clap", "clap_audio_model"},
      config_of,
      with_swin_rules({{"band_weight", "batch_norm.weight"},
                       {"band_bias", "batch_norm.bias"},
                       {"band_mean", "batch_norm.running_mean"},
                       {"band_variance", "batch_norm.running_var"},
                       {"patches", "patch_embed.proj"},
                       {"patch_norm", "patch_embed.norm"},
                       {"norm", "norm"},
                       {"projection1", "audio_projection.linear1"},
                       {"projection2", "audio_projection.linear2"}},
                      "stages", "layers"),
      {"audio_model.audio_encoder.", "audio_encoder."},
      {"text_model.", "text_projection.", "logit_scale", "batch_norm.num_batches_tracked",
       "layers.{}.blocks.{}.attention.self.relative_position_index"}};
  return known;
}

bool reads(data::Kind kind) { return kind == data::Kind::audio; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(clap_audio, json, where, spec);
}

}  // namespace

const Method clap_audio = {"clap_audio",
                           "CLAP's audio tower: a Swin Transformer over log-mel frames with a "
                           "projection into the space of text.",
                           "Wu et al. 2023, arXiv:2211.06687",
                           reads,
                           /*is_raw=*/false,
                           describe_config<Config>,
                           make,
                           family};

}  // namespace braid::encoders
