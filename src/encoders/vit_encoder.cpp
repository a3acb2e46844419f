#include "encoders/vit_encoder.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "encoders/published_keys.h"
#include "ops/attention.h"

namespace braid::encoders {
namespace {

int64_t side_of(const VitConfig& config, const data::ModalitySpec& spec) {
  const int64_t side = config.patch > 0
                           ? config.patch
                           : std::max<int64_t>(1, (std::max(spec.height, spec.width) + 3) / 7);
  BRAID_CHECK(spec.height >= side && spec.width >= side, config,
              "patch: expected at most the picture's size ({} x {}), got {}; make the picture "
              "larger",
              spec.height, spec.width, side);
  return side;
}

int64_t num_special(const VitShape& shape) {
  return (shape.has_class_token ? 1 : 0) + (shape.has_distillation_token ? 1 : 0);
}

int64_t num_tokens(const VitConfig& config, const VitShape& shape, const data::ModalitySpec& spec) {
  const int64_t side = side_of(config, spec);
  return num_special(shape) + (spec.height / side) * (spec.width / side);
}

}  // namespace

VitEncoder::VitEncoder(const VitConfig& config, const VitShape& shape,
                       const data::ModalitySpec& spec)
    : Encoder(spec, config.width, num_tokens(config, shape, spec)),
      config_(config),
      shape_(shape),
      side_(side_of(config, spec)),
      grid_height_(config.grid_height > 0 ? config.grid_height : spec.height / side_),
      grid_width_(config.grid_width > 0 ? config.grid_width : spec.width / side_),
      num_special_(num_special(shape)) {
  const int64_t D = config.width;
  const auto small = [](std::vector<int64_t> sizes) { return 0.02 * torch::randn(sizes); };
  // CLIP's and SigLIP's tables have no leading axis.
  const bool is_flat = shape.is_clip || shape.has_attention_pool;
  const auto sized = [&](int64_t rows) {
    return is_flat ? std::vector<int64_t>{rows, D} : std::vector<int64_t>{1, rows, D};
  };
  patches_ =
      register_module("patches", torch::nn::Conv2d(torch::nn::Conv2dOptions(spec.channels, D, side_)
                                                       .stride(side_)
                                                       .bias(shape.has_patch_bias)));
  if (shape.has_class_token)
    class_token_ = register_parameter("class_token",
                                      small(shape.is_clip ? std::vector<int64_t>{D} : sized(1)));
  if (shape.has_distillation_token)
    distillation_token_ = register_parameter("distillation_token", small(sized(1)));
  positions_ =
      register_parameter("positions", small(sized(num_special_ + grid_height_ * grid_width_)));
  if (shape.is_clip)
    norm_before_ = register_module("norm_before", layers::LayerNorm(D, config.epsilon));
  dropout_ = register_module("dropout", layers::Dropout(config.dropout));
  StackShape stack;
  stack.has_layer_scale = shape.has_layer_scale;
  stack_ = register_module("stack", TransformerStack(config, stack));
  norm_ = register_module("norm", layers::LayerNorm(D, config.epsilon));
  if (config.pooled == "pooler" && shape.has_attention_pool) {
    probe_ = register_parameter("probe", torch::randn({1, 1, D}));
    const double bound = std::sqrt(6.0 / static_cast<double>(4 * D));
    pool_in_weight_ =
        register_parameter("pool_in_weight", bound * (2 * torch::rand({3 * D, D}) - 1));
    pool_in_bias_ = register_parameter("pool_in_bias", torch::zeros({3 * D}));
    pool_out_ = register_module("pool_out", layers::Linear(D, D));
    pool_norm_ = register_module("pool_norm", layers::LayerNorm(D, config.epsilon));
    pool_up_ = register_module("pool_up", layers::Linear(D, config.mlp_width));
    pool_down_ = register_module("pool_down", layers::Linear(config.mlp_width, D));
  } else if (config.pooled == "pooler") {
    pooler_ = register_module("pooler", layers::Linear(D, D));
  }
  BRAID_CHECK(config.pooled != "cls" || shape.has_class_token, config,
              "pooled: expected 'mean' or 'pooler', got 'cls': this family has no class token");
  if (config.projection > 0)
    projection_ = register_module(
        "projection", layers::Linear(torch::nn::LinearOptions(D, config.projection).bias(false)));
}

int64_t VitEncoder::embedding_width() const {
  return config_.projection > 0 ? config_.projection : width();
}

std::vector<int64_t> VitEncoder::tap_widths() const { return stack_tap_widths(config_); }

// [special + rows * columns, D]
Tensor VitEncoder::positions_for(int64_t rows, int64_t columns) const {
  const Tensor all = positions_.reshape({-1, width()});
  if (rows == grid_height_ && columns == grid_width_) return all;
  const Tensor grid = all.slice(/*dim=*/0, num_special_)
                          .reshape({1, grid_height_, grid_width_, width()})
                          .permute({0, 3, 1, 2});  // [1, D, h, w]
  const Tensor resized = at::upsample_bicubic2d(grid, {rows, columns}, /*align_corners=*/false);
  return at::cat({all.slice(/*dim=*/0, 0, num_special_),
                  resized.permute({0, 2, 3, 1}).reshape({rows * columns, width()})});
}

Tensor VitEncoder::embed(const Tensor& values) {
  const Tensor grid = patches_(values);  // [B, D, h, w]
  const int64_t B = values.size(0), D = width();
  std::vector<Tensor> parts;
  for (const Tensor& token : {class_token_, distillation_token_})
    if (token.defined()) parts.push_back(token.reshape({1, 1, D}).expand({B, 1, D}));
  parts.push_back(grid.flatten(/*start_dim=*/2).transpose(1, 2));
  const Tensor x = at::cat(parts, /*dim=*/1) + positions_for(grid.size(2), grid.size(3));
  return dropout_(shape_.is_clip ? norm_before_(x) : x);  // [B, T, D]
}

// A learned query's attention to all tokens, then x + mlp(norm(x)).
Tensor VitEncoder::attention_pool(const Tensor& tokens) {
  const int64_t D = width();
  const auto weights = pool_in_weight_.chunk(3), biases = pool_in_bias_.chunk(3);
  const Tensor query = at::linear(probe_, weights[0], biases[0]).expand({tokens.size(0), 1, D});
  const Tensor mask = at::ones({tokens.size(0), tokens.size(1)},
                               tokens.options().dtype(at::kBool).requires_grad(false));
  const Tensor seen = pool_out_(ops::attention(
      query.contiguous(), ops::linear(tokens, weights[1], biases[1]),
      ops::linear(tokens, weights[2], biases[2]), mask, {config_.heads, 0.0, is_training()}));
  const Tensor inner = activate(pool_up_(pool_norm_(seen)), config_.activation);
  return (seen + pool_down_(inner)).select(/*dim=*/1, 0);  // [B, D]
}

Encoded VitEncoder::compute(const Input& input) {
  const Tensor x = embed(input.values);
  Encoded out;
  out.mask = input.present.unsqueeze(1).expand({x.size(0), x.size(1)});
  const Tensor all =
      at::ones(out.mask.sizes(), out.mask.options());  // absent rows are cleaned later
  std::vector<Tensor> hidden;
  const Tensor last = stack_(x, all, Tensor(), wants_hidden || wants_taps ? &hidden : nullptr);
  out.tokens = shape_.is_clip ? last : norm_(last);
  if (wants_taps)
    for (size_t i = 1; i + 1 < hidden.size(); ++i) out.taps.push_back(hidden[i].mean(/*dim=*/1));
  if (wants_hidden) out.hidden = std::move(hidden);
  const auto normed = [&](const Tensor& x) { return shape_.is_clip ? norm_(x) : x; };
  if (config_.pooled == "mean")
    out.pooled = normed(out.tokens.slice(/*dim=*/1, num_special_).mean(/*dim=*/1));
  else if (shape_.has_attention_pool)
    out.pooled = attention_pool(out.tokens);
  else
    out.pooled = normed(out.tokens.select(/*dim=*/1, 0));  // [B, D]
  if (!pooler_.is_empty()) out.pooled = at::tanh(pooler_(out.pooled));
  if (wants_embedding)
    out.embedding = config_.projection > 0 ? projection_(out.pooled) : out.pooled;
  return out;
}

bool reads_images(data::Kind kind) { return kind == data::Kind::image; }

Json vit_config_of(const Json& given, const std::string& where) {
  Json config;
  config["width"] = published_integer(given, "hidden_size", where);
  config["layers"] = published_integer(given, "num_hidden_layers", where);
  config["heads"] = published_integer(given, "num_attention_heads", where);
  config["mlp_width"] =
      published_integer(given, "intermediate_size", where, 4 * config["width"].get<int64_t>());
  config["activation"] =
      activation_of(published_text(given, "hidden_act", where, "gelu"), where + ": hidden_act");
  config["epsilon"] = published_number(given, "layer_norm_eps", where, 1e-12);
  config["dropout"] = published_number(given, "hidden_dropout_prob", where, 0.0);
  config["attention_dropout"] = published_number(given, "attention_probs_dropout_prob", where, 0.0);
  const int64_t patch = published_integer(given, "patch_size", where);
  const int64_t image = published_integer(given, "image_size", where);
  BRAID_CHECK(
      patch > 0 && image >= patch, config,
      "{}: config.json: image_size: expected at least patch_size ({}), got {}; the folder is "
      "damaged",
      where, patch, image);
  config["patch"] = patch;
  config["grid_height"] = config["grid_width"] = image / patch;
  return config;
}

std::vector<NameRule> vit_names() {
  return with_stack_rules(
      {{"patches", "embeddings.patch_embeddings.projection"},
       {"class_token", "embeddings.cls_token"},
       {"distillation_token", "embeddings.distillation_token"},
       {"positions", "embeddings.position_embeddings"},
       {"norm", "layernorm"},
       {"pooler", "pooler.dense"}},
      "stack", "encoder.layer.{}",
      {"layernorm_before", "attention.attention.query", "attention.attention.key",
       "attention.attention.value", "attention.output.dense", "layernorm_after",
       "intermediate.dense", "output.dense"});
}

StackNames clip_stack_names() {
  return {"layer_norm1",        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
          "self_attn.out_proj", "layer_norm2",      "mlp.fc1",          "mlp.fc2"};
}

}  // namespace braid::encoders
