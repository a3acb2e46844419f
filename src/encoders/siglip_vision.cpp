// SigLIP's vision tower, pooled by attention into the space it shares with text.
#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/vit_encoder.h"

namespace braid::encoders {

extern const Method siglip_vision;

namespace {

struct Config : VitConfig {
  Config() { pooled = "pooler"; }
};

VitShape shape() {
  VitShape shape;
  shape.has_class_token = false;
  shape.has_attention_pool = true;
  return shape;
}

class Impl : public VitEncoder {
 public:
  Impl(const VitConfig& config, const data::ModalitySpec& spec)
      : VitEncoder(config, shape(), spec) {}
};

Json config_of(const Published& published, const std::string& where) {
  const Json& given = published_tower(published.config, "vision_config");
  Json config = vit_config_of(given, where);
  config["activation"] = activation_of(
      published_text(given, "hidden_act", where, "gelu_pytorch_tanh"), where + ": hidden_act");
  config["epsilon"] = published_number(given, "layer_norm_eps", where, 1e-6);
  config["attention_dropout"] = published_number(given, "attention_dropout", where, 0.0);
  config["pooled"] = published.has("head.probe") ? "pooler" : "mean";
  return config;
}

std::vector<NameRule> names() {
  return with_stack_rules({{"patches", "embeddings.patch_embedding"},
                           {"positions", "embeddings.position_embedding.weight"},
                           {"norm", "post_layernorm"},
                           {"probe", "head.probe"},
                           {"pool_in_weight", "head.attention.in_proj_weight"},
                           {"pool_in_bias", "head.attention.in_proj_bias"},
                           {"pool_out", "head.attention.out_proj"},
                           {"pool_norm", "head.layernorm"},
                           {"pool_up", "head.mlp.fc1"},
                           {"pool_down", "head.mlp.fc2"}},
                          "stack", "encoder.layers.{}", clip_stack_names());
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {{"siglip", "siglip_vision_model"},
                                         config_of,
                                         names(),
                                         {"vision_model."},
                                         {"text_model.", "logit_scale", "logit_bias",
                                          "embeddings.position_ids", "head.", "classifier."}};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(siglip_vision, json, where, spec);
}

}  // namespace

const Method siglip_vision = {
    "siglip_vision",
    "SigLIP's vision tower: a ViT pooled by attention into the space of text.",
    "Zhai et al. 2023, arXiv:2303.15343",
    reads_images,
    /*is_raw=*/false,
    describe_config<Config>,
    make,
    family};

}  // namespace braid::encoders
