// BERT.
#include "encoders/bert_encoder.h"
#include "encoders/make.h"
#include "encoders/published_keys.h"

namespace braid::encoders {

extern const Method bert;

namespace {

class Impl : public BertEncoder {
 public:
  Impl(const BertConfig& config, const data::ModalitySpec& spec)
      : BertEncoder(config, /*has_relative_bias=*/false, spec) {}
};

Json config_of(const Published& published, const std::string& where) {
  return bert_config_of(published, where);
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"bert"},
      config_of,
      bert_names(),
      {"bert."},
      {"cls.", "classifier.", "qa_outputs.", "pooler.", "embeddings.position_ids"}};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, BertConfig>(bert, json, where, spec);
}

}  // namespace

const Method bert = {"bert",
                     "Post-norm Transformer over WordPiece tokens, as published for BERT.",
                     "Devlin et al. 2019, arXiv:1810.04805",
                     reads_text,
                     /*is_raw=*/false,
                     describe_config<BertConfig>,
                     make,
                     family};

}  // namespace braid::encoders
