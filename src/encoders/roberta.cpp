// RoBERTa and XLM-RoBERTa: BERT with byte-level or SentencePiece tokens, and positions counted from
// the padding's id.
#include "encoders/bert_encoder.h"
#include "encoders/make.h"
#include "encoders/published_keys.h"

namespace braid::encoders {

extern const Method roberta;

namespace {

class Impl : public BertEncoder {
 public:
  Impl(const BertConfig& config, const data::ModalitySpec& spec)
      : BertEncoder(config, /*has_relative_bias=*/false, spec) {}
};

Json config_of(const Published& published, const std::string& where) {
  Json config = bert_config_of(published, where);
  config["padding_id"] = published_integer(published.config, "pad_token_id", where, 1);
  return config;
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"roberta", "xlm-roberta", "camembert"},
      config_of,
      bert_names(),
      {"roberta."},
      {"lm_head.", "classifier.", "qa_outputs.", "pooler.", "embeddings.position_ids"}};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, BertConfig>(roberta, json, where, spec);
}

}  // namespace

const Method roberta = {"roberta",
                        "BERT as RoBERTa and XLM-RoBERTa train it.",
                        "Liu et al. 2019, arXiv:1907.11692; Conneau et al. 2020, arXiv:1911.02116",
                        reads_text,
                        /*is_raw=*/false,
                        describe_config<BertConfig>,
                        make,
                        family};

}  // namespace braid::encoders
