// CLIP's text tower: a causal Transformer, pooled at the end of the text.
#include "encoders/bert_encoder.h"
#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/text_tower.h"

namespace braid::encoders {

extern const Method clip_text;

namespace {

class Impl : public TextTower {
 public:
  Impl(const TextTowerConfig& config, const data::ModalitySpec& spec)
      : TextTower(config, TextTowerShape{}, spec) {}
};

Json config_of(const Published& published, const std::string& where) {
  const Json& given = published_tower(published.config, "text_config");
  Json config = text_tower_config_of(given, where);
  config["activation"] = activation_of(published_text(given, "hidden_act", where, "quick_gelu"),
                                       where + ": hidden_act");
  config["epsilon"] = published_number(given, "layer_norm_eps", where, 1e-5);
  config["vocabulary"] = published_integer(given, "vocab_size", where, 49408);
  config["positions"] = published_integer(given, "max_position_embeddings", where, 77);
  // The first checkpoints give 2 whatever their tokenizer says, and the end has the largest id.
  const int64_t end = published_integer(given, "eos_token_id", where, 2);
  config["pooled"] = end == 2 ? "largest" : "end";
  config["end_id"] = end;
  if (published.has("text_projection.weight"))
    config["projection"] =
        published_integer(published.config, "projection_dim", where, /*fallback=*/512);
  return config;
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"clip", "clip_text_model"},
      config_of,
      text_tower_names("text_projection"),
      {"text_model."},
      {"vision_model.", "visual_projection.", "logit_scale", "embeddings.position_ids"}};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, TextTowerConfig>(clip_text, json, where, spec);
}

}  // namespace

const Method clip_text = {
    "clip_text",
    "CLIP's text tower: a causal Transformer with a projection into the space of pictures.",
    "Radford et al. 2021, arXiv:2103.00020",
    reads_text,
    /*is_raw=*/false,
    describe_config<TextTowerConfig>,
    make,
    family};

}  // namespace braid::encoders
