// MPNet: BERT with learned biases of relative places.
#include "encoders/bert_encoder.h"
#include "encoders/make.h"
#include "encoders/published_keys.h"

namespace braid::encoders {

extern const Method mpnet;

namespace {

class Impl : public BertEncoder {
 public:
  Impl(const BertConfig& config, const data::ModalitySpec& spec)
      : BertEncoder(config, /*has_relative_bias=*/true, spec) {}
};

Json config_of(const Published& published, const std::string& where) {
  published_must_be(published.config, "relative_attention_num_buckets", 32, where);
  Json config = bert_config_of(published, where);
  config["types"] = 0;
  config["padding_id"] = published_integer(published.config, "pad_token_id", where, 1);
  return config;
}

std::vector<NameRule> names() {
  return with_stack_rules(
      {{"words", "embeddings.word_embeddings"},
       {"positions", "embeddings.position_embeddings"},
       {"norm", "embeddings.LayerNorm"},
       {"pooler", "pooler.dense"},
       {"relative_bias", "encoder.relative_attention_bias"}},
      "stack", "encoder.layer.{}",
      {"attention.LayerNorm", "attention.attn.q", "attention.attn.k", "attention.attn.v",
       "attention.attn.o", "output.LayerNorm", "intermediate.dense", "output.dense"});
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"mpnet"},
      config_of,
      names(),
      {"mpnet."},
      {"lm_head.", "classifier.", "qa_outputs.", "pooler.", "embeddings.position_ids"}};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, BertConfig>(mpnet, json, where, spec);
}

}  // namespace

const Method mpnet = {"mpnet",
                      "BERT with biases of relative places, as published for MPNet.",
                      "Song et al. 2020, arXiv:2004.09297",
                      reads_text,
                      /*is_raw=*/false,
                      describe_config<BertConfig>,
                      make,
                      family};

}  // namespace braid::encoders
