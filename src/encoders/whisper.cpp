// Whisper's encoder as published: two convolutions over log-mel frames, fixed positions, blocks.
#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/time.h"
#include "encoders/transformer_stack.h"
#include "ops/activation.h"

namespace braid::encoders {

extern const Method whisper;

namespace {

constexpr int64_t kStride = 2;  // of the second convolution

struct Config : StackConfig {
  int64_t bands = 0;
  int64_t positions = 0;
  template <class V>
  void visit(V& v) {
    StackConfig::visit(v);
    v("bands", bands, between(0, 4096),
      "mel bands that the checkpoint was made for; 0 = as many as the modality has");
    v("positions", positions, between(0, 1000000),
      "tokens, of two frames each, that have a position; 0 = as many as the longest sound has");
  }
};

int64_t num_tokens(int64_t frames) { return (frames + kStride - 1) / kStride; }

int64_t num_positions(const Config& config, const data::ModalitySpec& spec) {
  BRAID_CHECK(config.bands == 0 || spec.features == config.bands, config,
              "{} mel bands: expected {}, as the encoder has; set prepare.audio.log_mel.num_mels",
              spec.features, config.bands);
  const int64_t tokens = num_tokens(spec.max_length);
  BRAID_CHECK(config.positions == 0 || tokens <= config.positions, config,
              "{} frames: expected at most {}, for which there are positions; cut the sounds",
              spec.max_length, kStride * config.positions);
  return config.positions > 0 ? config.positions : tokens;
}

// Sines of geometrically growing wavelengths, up to 10000 places, then their cosines: another order
// than layers::sinusoid has. Shapes   -> (positions, D).
Tensor sines_then_cosines(int64_t positions, int64_t width) {
  const int64_t half = width / 2;
  const double step = std::log(10000.0) / static_cast<double>(std::max<int64_t>(1, half - 1));
  const Tensor rate = at::exp(-step * at::arange(half, at::kFloat));
  const Tensor angle = at::arange(positions, at::kFloat).unsqueeze(1) * rate;  // [positions, D / 2]
  return at::cat({at::sin(angle), at::cos(angle)}, /*dim=*/1);
}

/// Two convolutions with gelu, the second in steps of two frames, fixed positions, pre-norm blocks,
/// final norm; pooled is the mean. Published checkpoints were trained on 30 s, of which silence was
/// a part: prepared like that all frames count as real. A shorter sound's own frames are its tokens
/// alone, and what stands beyond its end is zeros to both convolutions.
///
/// Shapes   values (B, T, F) -> tokens (B, ceil(T / 2), D), pooled (B, D).
/// Errors   config: bands other than the checkpoint's, more frames than it has positions for.
/// Source   Radford et al. 2022, arXiv:2212.04356.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, num_tokens(spec.max_length)), config_(config) {
    const int64_t D = config.width, positions = num_positions(config, spec);
    BRAID_CHECK(D % 2 == 0, config, "width: expected an even number, got {}; change it", D);
    const auto convolution = [&](const char* name, int64_t in, int64_t stride) {
      return register_module(
          name, torch::nn::Conv1d(
                    torch::nn::Conv1dOptions(in, D, /*kernel=*/3).stride(stride).padding(1)));
    };
    convolution1_ = convolution("convolution1", spec.features, /*stride=*/1);
    convolution2_ = convolution("convolution2", D, kStride);
    positions_ = register_buffer("positions", sines_then_cosines(positions, D));
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    StackShape shape;
    shape.has_key_bias = false;
    stack_ = register_module("stack", TransformerStack(config, shape));
    norm_ = register_module("norm", layers::LayerNorm(D, config.epsilon));
  }

  int64_t embedding_width() const override { return width(); }
  std::vector<int64_t> tap_widths() const override { return stack_tap_widths(config_); }

 protected:
  Encoded compute(const Input& input) override {
    const Tensor lengths = real_lengths(input.mask);
    Tensor x = ops::gelu(convolution1_(input.values.transpose(1, 2)));  // [B, D, T]
    // Beyond a sound's end the second convolution sees zeros, as beyond the batch's.
    x = keep_where(first_places(lengths, x.size(2)), x.transpose(1, 2)).transpose(1, 2);
    x = ops::gelu(convolution2_(x)).transpose(1, 2);  // [B, ceil(T / 2), D]
    const int64_t T = x.size(1);
    Encoded out;
    out.mask = first_places((lengths + (kStride - 1)).div(kStride, "floor"), T);
    x = dropout_(x + positions_.slice(/*dim=*/0, 0, T));
    std::vector<Tensor> hidden;
    out.tokens =
        norm_(stack_(x, out.mask, Tensor(), wants_hidden || wants_taps ? &hidden : nullptr));
    if (wants_taps) out.taps = stack_taps(hidden, out.mask);
    if (wants_hidden) out.hidden = std::move(hidden);
    out.pooled = layers::masked_mean(out.tokens, out.mask);
    if (wants_embedding) out.embedding = out.pooled;
    return out;
  }

 private:
  const Config config_;
  torch::nn::Conv1d convolution1_{nullptr}, convolution2_{nullptr};
  Tensor positions_;
  layers::Dropout dropout_{nullptr};
  TransformerStack stack_{nullptr};
  layers::LayerNorm norm_{nullptr};
};

Json config_of(const Published& published, const std::string& where) {
  const Json& given = published.config;
  Json config;
  config["width"] = published_integer(given, "d_model", where);
  config["layers"] = published_integer(given, "encoder_layers", where);
  config["heads"] = published_integer(given, "encoder_attention_heads", where);
  config["mlp_width"] = published_integer(given, "encoder_ffn_dim", where);
  config["activation"] = activation_of(published_text(given, "activation_function", where, "gelu"),
                                       where + ": activation_function");
  config["dropout"] = published_number(given, "dropout", where, 0.0);
  config["attention_dropout"] = published_number(given, "attention_dropout", where, 0.0);
  config["bands"] = published_integer(given, "num_mel_bins", where, 80);
  config["positions"] = published_integer(given, "max_source_positions", where, 1500);
  return config;
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"whisper"},
      config_of,
      with_stack_rules(
          {{"convolution1", "conv1"},
           {"convolution2", "conv2"},
           {"positions", "embed_positions.weight"},
           {"norm", "layer_norm"}},
          "stack", "layers.{}",
          {"self_attn_layer_norm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
           "self_attn.out_proj", "final_layer_norm", "fc1", "fc2"}),
      {"model.encoder.", "encoder."},
      {"model.decoder.", "decoder.", "proj_out.", "projector.", "classifier.", "layer_weights"}};
  return known;
}

bool reads(data::Kind kind) { return kind == data::Kind::audio; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(whisper, json, where, spec);
}

}  // namespace

const Method whisper = {"whisper",
                        "Whisper's encoder of log-mel frames, as published.",
                        "Radford et al. 2022, arXiv:2212.04356",
                        reads,
                        /*is_raw=*/false,
                        describe_config<Config>,
                        make,
                        family};

}  // namespace braid::encoders
