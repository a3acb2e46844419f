// wav2vec 2.0 as published.
#include "encoders/make.h"
#include "encoders/wav2vec2_encoder.h"

namespace braid::encoders {

extern const Method wav2vec2;

namespace {

Json config_of(const Published& published, const std::string& where) {
  return wav2vec2_config_of(published.config, where);
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"wav2vec2"}, config_of, wav2vec2_names(), {"wav2vec2."}, wav2vec2_ignored()};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Wav2Vec2Encoder, Wav2Vec2Config>(wav2vec2, json, where, spec);
}

}  // namespace

const Method wav2vec2 = {
    "wav2vec2",
    "Transformer over convolutions of raw sound, as published for wav2vec 2.0.",
    "Baevski et al. 2020, arXiv:2006.11477",
    reads_sound,
    /*is_raw=*/false,
    describe_config<Wav2Vec2Config>,
    make,
    family};

}  // namespace braid::encoders
