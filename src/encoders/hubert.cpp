// HuBERT as published: wav2vec 2.0's encoder, trained otherwise.
#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/wav2vec2_encoder.h"

namespace braid::encoders {

extern const Method hubert;

namespace {

Json config_of(const Published& published, const std::string& where) {
  Json config = wav2vec2_config_of(published.config, where);
  config["projection_norm"] = published_bool(published.config, "feat_proj_layer_norm", where, true);
  return config;
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"hubert"}, config_of, wav2vec2_names(), {"hubert."}, wav2vec2_ignored()};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Wav2Vec2Encoder, Wav2Vec2Config>(hubert, json, where, spec);
}

}  // namespace

const Method hubert = {"hubert",
                       "Transformer over convolutions of raw sound, as published for HuBERT.",
                       "Hsu et al. 2021, arXiv:2106.07447",
                       reads_sound,
                       /*is_raw=*/false,
                       describe_config<Wav2Vec2Config>,
                       make,
                       family};

}  // namespace braid::encoders
