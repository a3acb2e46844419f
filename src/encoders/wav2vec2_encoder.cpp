#include "encoders/wav2vec2_encoder.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "encoders/published_keys.h"
#include "encoders/time.h"

namespace braid::encoders {
namespace {

constexpr double kEpsilon = 1e-5;  // of the convolutions' norms
constexpr int64_t kMostTokens = 512;
constexpr int64_t kLargestField = int64_t{1} << 24;

int64_t num_tokens(const Wav2Vec2Config& config, int64_t samples) {
  for (size_t i = 0; i < config.conv_strides.size(); ++i)
    samples = num_windows(samples, config.conv_kernels[i], config.conv_strides[i]);
  return samples;
}

// Samples that one token sees.
int64_t field_of(const Wav2Vec2Config& config) {
  int64_t field = 1;
  for (size_t i = config.conv_strides.size(); i-- > 0;) {
    field = (field - 1) * config.conv_strides[i] + config.conv_kernels[i];
    BRAID_CHECK(field <= kLargestField, config,
                "conv_strides: expected a token to see {} samples at most, got {} or more; make "
                "them smaller",
                kLargestField, field);
  }
  return field;
}

// With the lists that are empty filled.
Wav2Vec2Config filled(Wav2Vec2Config config, const data::ModalitySpec& spec) {
  BRAID_CHECK(config.channels == 0 || spec.features == config.channels, config,
              "{} values per sample: expected {}, as the encoder has: raw sound, not its "
              "spectrogram; prepare it like the checkpoint",
              spec.features, config.channels);
  size_t stages =
      std::max({config.conv_widths.size(), config.conv_kernels.size(), config.conv_strides.size()});
  if (stages == 0) {
    stages = 1;
    while (stages < 2 || (spec.max_length >> stages) > kMostTokens) ++stages;
  }
  if (config.conv_widths.empty()) config.conv_widths.assign(stages, config.width);
  if (config.conv_kernels.empty()) {
    config.conv_kernels.assign(stages, 2);
    config.conv_kernels[0] = 3;
  }
  if (config.conv_strides.empty()) config.conv_strides.assign(stages, 2);
  BRAID_CHECK(config.conv_widths.size() == stages && config.conv_kernels.size() == stages &&
                  config.conv_strides.size() == stages && stages <= 32,
              config,
              "conv_widths, conv_kernels, conv_strides: expected as many entries in each, 32 at "
              "most, got {}, {} and {}; name one number per convolution",
              config.conv_widths.size(), config.conv_kernels.size(), config.conv_strides.size());
  return config;
}

// The norm of each tap of a kernel. Shapes   (out, in, taps) -> (1, 1, taps).
Tensor tap_lengths(const Tensor& kernel) {
  return kernel.square().sum(at::IntArrayRef{0, 1}, /*keepdim=*/true).sqrt();
}

}  // namespace

SoundConvolutionImpl::SoundConvolutionImpl(int64_t in, int64_t out, int64_t kernel, int64_t stride,
                                           bool has_bias, Norm norm, std::string activation)
    : norm_kind_(norm), activation_(std::move(activation)) {
  convolution_ = register_module(
      "convolution",
      torch::nn::Conv1d(torch::nn::Conv1dOptions(in, out, kernel).stride(stride).bias(has_bias)));
  if (norm == Norm::group)
    group_norm_ = register_module(
        "norm", torch::nn::GroupNorm(torch::nn::GroupNormOptions(out, out).eps(kEpsilon)));
  if (norm == Norm::layer) layer_norm_ = register_module("norm", layers::LayerNorm(out, kEpsilon));
}

Tensor SoundConvolutionImpl::forward(const Tensor& x, const Tensor& lengths) {
  Tensor y = convolution_(x);  // [B, out, windows]
  if (norm_kind_ == Norm::layer) {
    y = layer_norm_(y.transpose(1, 2)).transpose(1, 2);
  } else if (norm_kind_ == Norm::group) {
    const Tensor real = lengths.defined() ? first_places(lengths, y.size(2)) : Tensor();
    if (!lengths.defined() || is_known_true(real)) {
      y = group_norm_(y);
    } else {
      const Tensor counted = real.unsqueeze(1).to(y.dtype());  // [B, 1, windows]
      const Tensor count = counted.sum(/*dim=*/2, /*keepdim=*/true).clamp_min(1);
      const Tensor mean = (y * counted).sum(/*dim=*/2, /*keepdim=*/true) / count;
      const Tensor centred = (y - mean) * counted;
      const Tensor variance = centred.square().sum(/*dim=*/2, /*keepdim=*/true) / count;
      const Tensor scale = group_norm_->weight.unsqueeze(1) * (variance + kEpsilon).rsqrt();
      y = at::addcmul(group_norm_->bias.unsqueeze(1) - mean * scale, y, scale);
    }
  }
  return activate(y, activation_);
}

Wav2Vec2Encoder::Wav2Vec2Encoder(const Wav2Vec2Config& config, const data::ModalitySpec& spec)
    : Encoder(spec, config.width, num_tokens(filled(config, spec), spec.max_length)),
      config_(filled(config, spec)),
      field_(field_of(config_)) {
  using Norm = SoundConvolutionImpl::Norm;
  const int64_t D = config.width;
  int64_t in = spec.features;
  for (size_t i = 0; i < config_.conv_widths.size(); ++i) {
    const Norm first_norm = i == 0 ? Norm::group : Norm::none;
    convolutions_.push_back(
        register_module(fmt::format("convolution{}", i),
                        SoundConvolution(in, config_.conv_widths[i], config_.conv_kernels[i],
                                         config_.conv_strides[i], config.conv_bias,
                                         config.conv_norm == "layer" ? Norm::layer : first_norm,
                                         config.conv_activation)));
    in = config_.conv_widths[i];
  }
  if (config.projection_norm)
    feature_norm_ = register_module("feature_norm", layers::LayerNorm(in, config.epsilon));
  projection_ = register_module("projection", layers::Linear(in, D));
  projection_dropout_ =
      register_module("projection_dropout", layers::Dropout(config.projection_dropout));
  const int64_t taps = config.position_kernel, groups = config.position_groups;
  BRAID_CHECK(D % groups == 0, config,
              "position_groups: expected a divisor of width ({}), got {}; change one of them", D,
              groups);
  const double deviation = 2 / std::sqrt(static_cast<double>(taps * D));
  position_direction_ =
      register_parameter("position_direction", deviation * torch::randn({D, D / groups, taps}));
  position_scale_ = register_parameter("position_scale", tap_lengths(position_direction_.detach()));
  position_bias_ = register_parameter("position_bias", torch::zeros({D}));
  norm_ = register_module("norm", layers::LayerNorm(D, config.epsilon));
  dropout_ = register_module("dropout", layers::Dropout(config.dropout));
  StackShape shape;
  shape.is_norm_first = config.norm_first;
  stack_ = register_module("stack", TransformerStack(config, shape));
}

std::vector<int64_t> Wav2Vec2Encoder::tap_widths() const { return stack_tap_widths(config_); }

std::pair<Tensor, Tensor> Wav2Vec2Encoder::features(const Input& input) {
  Tensor x = pad_time_to(input.values, field_).transpose(1, 2);  // [B, channels, T]
  Tensor lengths = real_lengths(input.mask);
  lengths = lengths.clamp_min(field_) * lengths.gt(0);
  for (size_t i = 0; i < convolutions_.size(); ++i) {
    lengths = num_windows(lengths, config_.conv_kernels[i], config_.conv_strides[i]);
    x = convolutions_[i](x, config_.norm_over_padding ? Tensor() : lengths);
  }
  return {x.transpose(1, 2), first_places(lengths, x.size(2))};  // [B, T, C], [B, T]
}

// x + activation(convolution over the tokens), each tap of the kernel scaled to a learned length.
Tensor Wav2Vec2Encoder::with_positions(const Tensor& x) const {
  const Tensor weight = position_direction_ * (position_scale_ / tap_lengths(position_direction_));
  const int64_t T = x.size(1);
  const Tensor seen =
      at::conv1d(x.transpose(1, 2), weight, position_bias_, /*stride=*/1,
                 /*padding=*/config_.position_kernel / 2, /*dilation=*/1, config_.position_groups)
          .slice(/*dim=*/2, 0, T);  // an even kernel makes one more
  return x + activate(seen, config_.conv_activation).transpose(1, 2);
}

Encoded Wav2Vec2Encoder::compute(const Input& input) {
  const auto [seen, mask] = features(input);
  const Tensor normed = feature_norm_.is_empty() ? seen : feature_norm_(seen);
  Tensor x = keep_where(mask, projection_dropout_(projection_(normed)));  // [B, T, D]
  x = with_positions(x);
  x = dropout_(config_.norm_first ? x : norm_(x));
  std::vector<Tensor> hidden;
  x = stack_(x, mask, Tensor(), wants_hidden || wants_taps ? &hidden : nullptr);
  Encoded out;
  out.tokens = config_.norm_first ? norm_(x) : x;
  out.mask = mask;
  if (wants_taps) out.taps = stack_taps(hidden, mask);
  if (wants_hidden) out.hidden = std::move(hidden);
  out.pooled = layers::masked_mean(out.tokens, mask);
  if (wants_embedding) out.embedding = out.pooled;
  return out;
}

bool reads_sound(data::Kind kind) { return kind == data::Kind::audio; }

Json wav2vec2_config_of(const Json& given, const std::string& where) {
  published_must_be(given, "add_adapter", false, where);
  published_must_be(given, "adapter_attn_dim", nullptr, where);
  published_must_be(given, "conv_pos_batch_norm", false, where);
  const auto activation = [&](const char* key) {
    return activation_of(published_text(given, key, where, "gelu"), where + ": " + key);
  };
  Json config;
  config["width"] = published_integer(given, "hidden_size", where);
  config["layers"] = published_integer(given, "num_hidden_layers", where);
  config["heads"] = published_integer(given, "num_attention_heads", where);
  config["mlp_width"] = published_integer(given, "intermediate_size", where);
  config["activation"] = activation("hidden_act");
  config["epsilon"] = published_number(given, "layer_norm_eps", where, 1e-5);
  config["dropout"] = published_number(given, "hidden_dropout", where, 0.1);
  config["attention_dropout"] = published_number(given, "attention_dropout", where, 0.1);
  config["channels"] = 1;
  config["conv_widths"] = published_integers(given, "conv_dim", where);
  config["conv_kernels"] = published_integers(given, "conv_kernel", where);
  config["conv_strides"] = published_integers(given, "conv_stride", where);
  config["conv_bias"] = published_bool(given, "conv_bias", where, false);
  config["conv_norm"] = published_text(given, "feat_extract_norm", where, "group");
  config["conv_activation"] = activation("feat_extract_activation");
  config["projection_dropout"] = published_number(given, "feat_proj_dropout", where, 0.0);
  config["position_kernel"] = published_integer(given, "num_conv_pos_embeddings", where, 128);
  config["position_groups"] = published_integer(given, "num_conv_pos_embedding_groups", where, 16);
  config["norm_first"] = published_bool(given, "do_stable_layer_norm", where, false);
  return config;
}

std::vector<NameRule> wav2vec2_names() {
  const std::string positions = "encoder.pos_conv_embed.conv.";
  return with_stack_rules({{"convolution{}.convolution", "feature_extractor.conv_layers.{}.conv"},
                           {"convolution{}.norm", "feature_extractor.conv_layers.{}.layer_norm"},
                           {"feature_norm", "feature_projection.layer_norm"},
                           {"projection", "feature_projection.projection"},
                           {"position_scale", positions + "parametrizations.weight.original0"},
                           {"position_direction", positions + "parametrizations.weight.original1"},
                           {"position_bias", positions + "bias"},
                           {"norm", "encoder.layer_norm"}},
                          "stack", "encoder.layers.{}",
                          {"layer_norm", "attention.q_proj", "attention.k_proj", "attention.v_proj",
                           "attention.out_proj", "final_layer_norm",
                           "feed_forward.intermediate_dense", "feed_forward.output_dense"});
}

std::vector<std::string> wav2vec2_ignored() {
  return {"masked_spec_embed",
          "lm_head.",
          "quantizer.",
          "project_hid.",
          "project_q.",
          "projector.",
          "classifier.",
          "layer_weights",
          "tdnn.",
          "objective.",
          "feature_extractor.weight",
          "feature_extractor.bias"};
}

}  // namespace braid::encoders
