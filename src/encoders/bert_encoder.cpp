#include "encoders/bert_encoder.h"

#include <cmath>

#include "core/error.h"
#include "encoders/published_keys.h"
#include "encoders/text_tower.h"

namespace braid::encoders {
namespace {

constexpr int64_t kNumBuckets = 32, kMaxDistance = 128;  // MPNet's

// Half of the buckets for each direction; in each, half for exact distances, the rest grow with the
// logarithm. Shapes -> (T, T).
Tensor relative_buckets(int64_t length, c10::Device device) {
  const Tensor places = at::arange(length, at::TensorOptions(at::kLong).device(device));
  const Tensor back = places.unsqueeze(1) - places.unsqueeze(0);  // [T, T], query - key
  constexpr int64_t half = kNumBuckets / 2, exact = half / 2;
  const Tensor distance = back.abs();
  const double growth = (half - exact) / std::log(double(kMaxDistance) / exact);
  const Tensor far =
      exact + ((distance.clamp_min(1).to(at::kFloat) / exact).log() * growth).to(at::kLong);
  const Tensor bucket = at::where(distance < exact, distance, far.clamp_max(half - 1));
  return bucket + (back < 0).to(at::kLong) * half;
}

}  // namespace

BertEncoder::BertEncoder(const BertConfig& config, bool has_relative_bias,
                         const data::ModalitySpec& spec)
    : Encoder(spec, config.width, spec.max_length), config_(config) {
  const int64_t D = config.width;
  const auto table = [&](const char* name, int64_t rows) {
    return register_module(name, torch::nn::Embedding(rows, D));
  };
  const TextTables rows =
      text_tables(config.vocabulary, config.positions, config.padding_id + 1, spec);
  words_ = table("words", rows.words);
  positions_ = table("positions", rows.positions);
  if (config.types > 0) types_ = table("types", config.types);
  norm_ = register_module("norm", layers::LayerNorm(D, config.epsilon));
  dropout_ = register_module("dropout", layers::Dropout(config.dropout));
  stack_ = register_module("stack", TransformerStack(config, StackShape{/*is_norm_first=*/false}));
  if (has_relative_bias)
    relative_bias_ =
        register_module("relative_bias", torch::nn::Embedding(kNumBuckets, config.heads));
  if (config.pooled == "pooler") pooler_ = register_module("pooler", layers::Linear(D, D));
  if (config.projection > 0) {
    projection1_ = register_module("projection1", layers::Linear(D, config.projection));
    projection2_ =
        register_module("projection2", layers::Linear(config.projection, config.projection));
  }
}

int64_t BertEncoder::embedding_width() const {
  return config_.projection > 0 ? config_.projection : width();
}

std::vector<int64_t> BertEncoder::tap_widths() const { return stack_tap_widths(config_); }

Tensor BertEncoder::embed(const Input& input) {
  Tensor embedded = words_(input.ids);  // [B, T, D]
  if (input.scale.defined()) embedded = embedded * input.scale.unsqueeze(2);
  const int64_t T = input.ids.size(1);
  if (config_.padding_id < 0) {
    embedded = embedded + positions_->weight.slice(/*dim=*/0, 0, T);
  } else {
    const Tensor counted = input.mask.logical_and(input.ids.ne(config_.padding_id));
    const Tensor places = counted.to(at::kLong).cumsum(/*dim=*/1) * counted;
    embedded = embedded + positions_(places + config_.padding_id);
  }
  if (!types_.is_empty())
    embedded = embedded + (input.types.defined() ? types_(input.types) : types_->weight[0]);
  return dropout_(norm_(embedded));
}

Encoded BertEncoder::compute(const Input& input) {
  Tensor bias;
  if (!relative_bias_.is_empty())
    bias = relative_bias_(relative_buckets(input.ids.size(1), input.ids.device()))
               .permute({2, 0, 1})
               .unsqueeze(0);  // [1, H, T, T]
  std::vector<Tensor> hidden;
  Encoded out;
  out.mask = input.mask;
  out.tokens =
      stack_(embed(input), input.mask, bias, wants_hidden || wants_taps ? &hidden : nullptr);
  if (wants_taps) out.taps = stack_taps(hidden, input.mask);
  if (wants_hidden) out.hidden = std::move(hidden);
  const Tensor first = out.tokens.select(/*dim=*/1, 0);  // [B, D]
  if (config_.pooled == "mean")
    out.pooled = layers::masked_mean(out.tokens, input.mask);
  else
    out.pooled = config_.pooled == "cls" ? first : at::tanh(pooler_(first));
  if (wants_embedding)
    out.embedding = config_.projection > 0
                        ? projection2_(projection1_(out.pooled, ops::Activation::relu))
                        : out.pooled;
  return out;
}

bool reads_text(data::Kind kind) { return kind == data::Kind::text; }

Json bert_config_of(const Published& published, const std::string& where) {
  const Json& given = published.config;
  published_must_be(given, "position_embedding_type", "absolute", where);
  published_must_be(given, "is_decoder", false, where);
  Json config;
  config["width"] = published_integer(given, "hidden_size", where);
  config["layers"] = published_integer(given, "num_hidden_layers", where);
  config["heads"] = published_integer(given, "num_attention_heads", where);
  config["mlp_width"] = published_integer(given, "intermediate_size", where);
  config["activation"] =
      activation_of(published_text(given, "hidden_act", where, "gelu"), where + ": hidden_act");
  config["epsilon"] = published_number(given, "layer_norm_eps", where, 1e-12);
  config["dropout"] = published_number(given, "hidden_dropout_prob", where, 0.1);
  config["attention_dropout"] = published_number(given, "attention_probs_dropout_prob", where, 0.1);
  config["vocabulary"] = published_integer(given, "vocab_size", where);
  config["positions"] = published_integer(given, "max_position_embeddings", where);
  config["types"] = published_integer(given, "type_vocab_size", where, 2);
  return config;
}

std::vector<NameRule> bert_names() {
  return with_stack_rules({{"words", "embeddings.word_embeddings"},
                           {"positions", "embeddings.position_embeddings"},
                           {"types", "embeddings.token_type_embeddings"},
                           {"norm", "embeddings.LayerNorm"},
                           {"pooler", "pooler.dense"},
                           {"projection1", "text_projection.linear1"},
                           {"projection2", "text_projection.linear2"}},
                          "stack", "encoder.layer.{}",
                          {"attention.output.LayerNorm", "attention.self.query",
                           "attention.self.key", "attention.self.value", "attention.output.dense",
                           "output.LayerNorm", "intermediate.dense", "output.dense"});
}

}  // namespace braid::encoders
