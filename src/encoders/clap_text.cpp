// The text tower of CLAP: RoBERTa and a projection into the space it shares with sound.
#include "encoders/bert_encoder.h"
#include "encoders/make.h"
#include "encoders/published_keys.h"

namespace braid::encoders {

extern const Method clap_text;

namespace {

class Impl : public BertEncoder {
 public:
  Impl(const BertConfig& config, const data::ModalitySpec& spec)
      : BertEncoder(config, /*has_relative_bias=*/false, spec) {}
};

Json config_of(const Published& published, const std::string& where) {
  const Json& given = published_tower(published.config, "text_config");
  published_must_be(given, "projection_hidden_act", "relu", where);
  Json config = bert_config_of(Published{given, published.has}, where);
  config["padding_id"] = published_integer(given, "pad_token_id", where, 1);
  config["pooled"] = "pooler";
  config["projection"] = published_integer(
      given, "projection_dim", where,
      published_integer(published.config, "projection_dim", where, /*fallback=*/512));
  return config;
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {{"clap", "clap_text_model"},
                                         config_of,
                                         bert_names(),
                                         {"text_model."},
                                         {"audio_model.", "audio_projection.", "logit_scale",
                                          "embeddings.position_ids", "embeddings.token_type_ids"}};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, BertConfig>(clap_text, json, where, spec);
}

}  // namespace

const Method clap_text = {"clap_text",
                          "CLAP's text tower: RoBERTa with a projection into the space of sound.",
                          "Wu et al. 2023, arXiv:2211.06687",
                          reads_text,
                          /*is_raw=*/false,
                          describe_config<BertConfig>,
                          make,
                          family};

}  // namespace braid::encoders
