// SigLIP's text tower: pooled at the last of a fixed number of tokens.
#include "encoders/bert_encoder.h"
#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/text_tower.h"

namespace braid::encoders {

extern const Method siglip_text;

namespace {

class Impl : public TextTower {
 public:
  Impl(const TextTowerConfig& config, const data::ModalitySpec& spec)
      : TextTower(config, TextTowerShape{/*is_causal=*/false, /*has_projection_bias=*/true}, spec) {
  }
};

Json config_of(const Published& published, const std::string& where) {
  const Json& given = published_tower(published.config, "text_config");
  Json config = text_tower_config_of(given, where);
  config["activation"] = activation_of(
      published_text(given, "hidden_act", where, "gelu_pytorch_tanh"), where + ": hidden_act");
  config["epsilon"] = published_number(given, "layer_norm_eps", where, 1e-6);
  config["vocabulary"] = published_integer(given, "vocab_size", where, 32000);
  config["positions"] = published_integer(given, "max_position_embeddings", where, 64);
  config["projection"] =
      published_integer(given, "projection_size", where, config["width"].get<int64_t>());
  return config;
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"siglip", "siglip_text_model"},
      config_of,
      text_tower_names("head"),
      {"text_model."},
      {"vision_model.", "logit_scale", "logit_bias", "embeddings.position_ids"}};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, TextTowerConfig>(siglip_text, json, where, spec);
}

}  // namespace

const Method siglip_text = {"siglip_text",
                            "SigLIP's text tower, with a projection into the space of pictures.",
                            "Zhai et al. 2023, arXiv:2303.15343",
                            reads_text,
                            /*is_raw=*/false,
                            describe_config<TextTowerConfig>,
                            make,
                            family};

}  // namespace braid::encoders
