#include "encoders/text_tower.h"

#include "core/error.h"
#include "encoders/published_keys.h"
#include "encoders/vit_encoder.h"
#include "ops/attention.h"

namespace braid::encoders {

TextTables text_tables(int64_t vocabulary, int64_t positions, int64_t offset,
                       const data::ModalitySpec& spec) {
  BRAID_CHECK(
      vocabulary == 0 || spec.vocabulary <= vocabulary, config,
      "the tokenizer has {} ids, the embedding {} rows: expected no more ids than rows; the "
      "tokenizer does not belong to this checkpoint",
      spec.vocabulary, vocabulary);
  BRAID_CHECK(positions == 0 || spec.max_length + offset <= positions, config,
              "{} tokens: expected at most {}, as many as there are positions; lower "
              "prepare.text.max_tokens",
              spec.max_length, positions - offset);
  return {vocabulary > 0 ? vocabulary : spec.vocabulary,
          positions > 0 ? positions : spec.max_length + offset};
}

TextTower::TextTower(const TextTowerConfig& config, const TextTowerShape& shape,
                     const data::ModalitySpec& spec)
    : Encoder(spec, config.width, spec.max_length), config_(config), shape_(shape) {
  const int64_t D = config.width;
  const TextTables rows = text_tables(config.vocabulary, config.positions, /*offset=*/0, spec);
  words_ = register_module("words", torch::nn::Embedding(rows.words, D));
  positions_ = register_module("positions", torch::nn::Embedding(rows.positions, D));
  dropout_ = register_module("dropout", layers::Dropout(config.dropout));
  stack_ = register_module("stack", TransformerStack(config, StackShape{}));
  norm_ = register_module("norm", layers::LayerNorm(D, config.epsilon));
  if (config.projection > 0)
    projection_ = register_module(
        "projection",
        layers::Linear(
            torch::nn::LinearOptions(D, config.projection).bias(shape.has_projection_bias)));
}

int64_t TextTower::embedding_width() const {
  return config_.projection > 0 ? config_.projection : width();
}

std::vector<int64_t> TextTower::tap_widths() const { return stack_tap_widths(config_); }

Encoded TextTower::compute(const Input& input) {
  const int64_t B = input.ids.size(0), T = input.ids.size(1);
  Tensor embedded = words_(input.ids);  // [B, T, D]
  if (input.scale.defined()) embedded = embedded * input.scale.unsqueeze(2);
  const Tensor x = dropout_(embedded + positions_->weight.slice(/*dim=*/0, 0, T));
  const Tensor bias = shape_.is_causal ? ops::causal_bias(T, x) : Tensor();
  std::vector<Tensor> hidden;
  Encoded out;
  out.mask = input.mask;
  out.tokens = norm_(stack_(x, input.mask, bias, wants_hidden || wants_taps ? &hidden : nullptr));
  if (wants_taps) out.taps = stack_taps(hidden, input.mask);
  if (wants_hidden) out.hidden = std::move(hidden);
  if (config_.pooled == "mean") {
    out.pooled = layers::masked_mean(out.tokens, out.mask);
  } else {
    Tensor place;  // [B]
    if (config_.pooled == "last")
      place = (input.mask.to(at::kLong).sum(/*dim=*/1) - 1).clamp_min(0);
    else if (config_.pooled == "largest")
      place = input.ids.argmax(/*dim=*/1);
    else
      place = input.ids.eq(config_.end_id).to(at::kInt).argmax(/*dim=*/1);
    const Tensor index = place.view({B, 1, 1}).expand({B, 1, width()});
    out.pooled = out.tokens.gather(/*dim=*/1, index).squeeze(1);  // [B, D]
  }
  if (wants_embedding)
    out.embedding = config_.projection > 0 ? projection_(out.pooled) : out.pooled;
  return out;
}

Json text_tower_config_of(const Json& given, const std::string& where) {
  Json config;
  config["width"] = published_integer(given, "hidden_size", where, 512);
  config["layers"] = published_integer(given, "num_hidden_layers", where, 12);
  config["heads"] = published_integer(given, "num_attention_heads", where, 8);
  config["mlp_width"] = published_integer(given, "intermediate_size", where, 2048);
  config["dropout"] = 0.0;
  config["attention_dropout"] = published_number(given, "attention_dropout", where, 0.0);
  return config;
}

std::vector<NameRule> text_tower_names(const std::string& projection) {
  return with_stack_rules({{"words", "embeddings.token_embedding"},
                           {"positions", "embeddings.position_embedding"},
                           {"norm", "final_layer_norm"},
                           {"projection", projection}},
                          "stack", "encoder.layers.{}", clip_stack_names());
}

}  // namespace braid::encoders
