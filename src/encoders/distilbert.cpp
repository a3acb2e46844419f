// DistilBERT: BERT without token types and pooler, under other names.
#include "encoders/bert_encoder.h"
#include "encoders/make.h"
#include "encoders/published_keys.h"

namespace braid::encoders {

extern const Method distilbert;

namespace {

class Impl : public BertEncoder {
 public:
  Impl(const BertConfig& config, const data::ModalitySpec& spec)
      : BertEncoder(config, /*has_relative_bias=*/false, spec) {}
};

Json config_of(const Published& published, const std::string& where) {
  const Json& given = published.config;
  Json config;
  config["width"] = published_integer(given, "dim", where);
  config["layers"] = published_integer(given, "n_layers", where);
  config["heads"] = published_integer(given, "n_heads", where);
  config["mlp_width"] = published_integer(given, "hidden_dim", where);
  config["activation"] =
      activation_of(published_text(given, "activation", where, "gelu"), where + ": activation");
  config["epsilon"] = 1e-12;
  config["dropout"] = published_number(given, "dropout", where, 0.1);
  config["attention_dropout"] = published_number(given, "attention_dropout", where, 0.1);
  config["vocabulary"] = published_integer(given, "vocab_size", where);
  config["positions"] = published_integer(given, "max_position_embeddings", where);
  config["types"] = 0;
  return config;
}

std::vector<NameRule> names() {
  return with_stack_rules({{"words", "embeddings.word_embeddings"},
                           {"positions", "embeddings.position_embeddings"},
                           {"norm", "embeddings.LayerNorm"}},
                          "stack", "transformer.layer.{}",
                          {"sa_layer_norm", "attention.q_lin", "attention.k_lin", "attention.v_lin",
                           "attention.out_lin", "output_layer_norm", "ffn.lin1", "ffn.lin2"});
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"distilbert"},
      config_of,
      names(),
      {"distilbert."},
      {"vocab_", "pre_classifier.", "classifier.", "qa_outputs.", "embeddings.position_ids"}};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, BertConfig>(distilbert, json, where, spec);
}

}  // namespace

const Method distilbert = {"distilbert",
                           "A smaller BERT, as published for DistilBERT.",
                           "Sanh et al. 2019, arXiv:1910.01108",
                           reads_text,
                           /*is_raw=*/false,
                           describe_config<BertConfig>,
                           make,
                           family};

}  // namespace braid::encoders
