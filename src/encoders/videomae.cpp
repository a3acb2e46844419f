// VideoMAE: a Transformer over tubelets, as published.
#include <torch/torch.h>

#include <algorithm>

#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/time.h"
#include "encoders/vit_encoder.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method videomae;

namespace {

constexpr double kPooledEpsilon = 1e-5;  // of fc_norm, whatever layer_norm_eps is

struct Config : StackConfig {
  int64_t patch = 0;
  int64_t tubelet = 2;
  std::string norm = "tokens";
  template <class V>
  void visit(V& v) {
    StackConfig::visit(v);
    v("patch", patch, between(0, 1024),
      "side of a patch in pixels; 0 = 16, or the frame's shorter side where that is less");
    v("tubelet", tubelet, between(1, 64),
      "frames that make one row of patches; more = fewer tokens");
    v("norm", norm, one_of({"tokens", "mean", "none"}),
      "where the last norm stands: on each token, on their mean, or nowhere");
  }
};

int64_t patch_side(const Config& config, const data::ModalitySpec& spec) {
  const int64_t shorter = std::min(spec.height, spec.width);
  const int64_t side = config.patch > 0 ? config.patch : std::min<int64_t>(16, shorter);
  BRAID_CHECK(side <= shorter, config,
              "patch: expected at most the frame's size ({} x {}), got {}; make the frames larger",
              spec.height, spec.width, side);
  return side;
}

int64_t num_tokens(const Config& config, const data::ModalitySpec& spec) {
  const int64_t side = patch_side(config, spec);
  return (spec.max_length + config.tubelet - 1) / config.tubelet * (spec.height / side) *
         (spec.width / side);
}

/// Tubelets (patches of `tubelet` frames) through one linear map, sinusoidal positions in the order
/// of time, rows, columns, pre-norm blocks.
///
/// Shapes   values (B, T, C, H, W) -> tokens (B, ceil(T / tubelet) * patches, D); pooled (B, D),
///          their mean. Rows and columns of pixels beyond whole patches are left out.
/// Missing  masked frames are zeros, as those that fill the last tubelet are; a tubelet without a
///          real frame is masked.
/// Source   Tong et al. 2022, arXiv:2203.12602.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, num_tokens(config, spec)),
        config_(config),
        positions_(layers::sinusoid(max_tokens(), config.width, at::zeros({1}, at::kDouble))
                       .to(at::kFloat)) {
    const int64_t side = patch_side(config, spec);
    tubelets_ = register_module(
        "tubelets", torch::nn::Conv3d(torch::nn::Conv3dOptions(spec.channels, config.width,
                                                               {config.tubelet, side, side})
                                          .stride({config.tubelet, side, side})));
    StackShape shape;
    shape.has_key_bias = false;
    stack_ = register_module("stack", TransformerStack(config, shape));
    if (config.norm == "tokens")
      norm_ = register_module("norm", layers::LayerNorm(config.width, config.epsilon));
    if (config.norm == "mean")
      norm_mean_ = register_module("norm_mean", layers::LayerNorm(config.width, kPooledEpsilon));
  }

  std::vector<int64_t> tap_widths() const override { return stack_tap_widths(config_); }

 protected:
  Encoded compute(const Input& input) override {
    const Tensor frames = pad_time(input.values, config_.tubelet).transpose(1, 2);
    const Tensor grid = tubelets_(frames);                           // [B, D, t, h, w]
    const Tensor x = grid.flatten(/*start_dim=*/2).transpose(1, 2);  // [B, t h w, D]
    const int64_t B = x.size(0), T = x.size(1), t = grid.size(2);
    Encoded out;
    out.mask = pool_mask(pad_time(input.mask, config_.tubelet), config_.tubelet)
                   .unsqueeze(2)
                   .expand({B, t, T / t})
                   .reshape({B, T});
    std::vector<Tensor> hidden;
    const Tensor last = stack_(x + positions_.slice(/*dim=*/0, 0, T).to(x.options()), out.mask,
                               Tensor(), wants_hidden || wants_taps ? &hidden : nullptr);
    out.tokens = norm_.is_empty() ? last : norm_(last);
    out.pooled = layers::masked_mean(out.tokens, out.mask);  // [B, D]
    if (!norm_mean_.is_empty()) out.pooled = norm_mean_(out.pooled);
    if (wants_taps) out.taps = stack_taps(hidden, out.mask);
    if (wants_hidden) out.hidden = std::move(hidden);
    return out;
  }

 private:
  const Config config_;
  const Tensor positions_;  // [tokens, D]
  torch::nn::Conv3d tubelets_{nullptr};
  TransformerStack stack_{nullptr};
  layers::LayerNorm norm_{nullptr}, norm_mean_{nullptr};
};

Json config_of(const Published& published, const std::string& where) {
  const Json& given = published.config;
  published_must_be(given, "qkv_bias", true, where);
  Json config = vit_config_of(given, where);
  config.erase("grid_height");  // positions follow from the frames
  config.erase("grid_width");
  config["tubelet"] = published_integer(given, "tubelet_size", where, 2);
  // Only classifiers have the norm of the mean.
  config["norm"] = !published_bool(given, "use_mean_pooling", where, true) ? "tokens"
                   : published.has("fc_norm.weight")                       ? "mean"
                                                                           : "none";
  return config;
}

std::vector<NameRule> names() {
  std::vector<NameRule> rules =
      with_stack_rules({{"tubelets", "embeddings.patch_embeddings.projection"},
                        {"norm", "layernorm"},
                        {"norm_mean", "fc_norm"}},
                       "stack", "encoder.layer.{}",
                       {"layernorm_before", "attention.attention.query", "attention.attention.key",
                        "attention.attention.value", "attention.output.dense", "layernorm_after",
                        "intermediate.dense", "output.dense"});
  rules.push_back({"stack.blocks.{}.query.bias", "encoder.layer.{}.attention.attention.q_bias"});
  rules.push_back({"stack.blocks.{}.value.bias", "encoder.layer.{}.attention.attention.v_bias"});
  return rules;
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"videomae"},
      config_of,
      names(),
      {"videomae."},
      {"classifier.", "decoder.", "encoder_to_decoder.", "mask_token", "position_embeddings"}};
  return known;
}

bool reads(data::Kind kind) { return kind == data::Kind::video; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(videomae, json, where, spec);
}

}  // namespace

const Method videomae = {"videomae",
                         "Transformer over patches of several frames, as published for VideoMAE.",
                         "Tong et al. 2022, arXiv:2203.12602",
                         reads,
                         /*is_raw=*/false,
                         describe_config<Config>,
                         make,
                         family};

}  // namespace braid::encoders
