// CLIP's vision tower, with the projection into the space it shares with text.
#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/vit_encoder.h"

namespace braid::encoders {

extern const Method clip_vision;

namespace {

VitShape shape() {
  VitShape shape;
  shape.is_clip = true;
  shape.has_patch_bias = false;
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
  config["activation"] = activation_of(published_text(given, "hidden_act", where, "quick_gelu"),
                                       where + ": hidden_act");
  config["epsilon"] = published_number(given, "layer_norm_eps", where, 1e-5);
  config["attention_dropout"] = published_number(given, "attention_dropout", where, 0.0);
  if (published.has("visual_projection.weight"))
    config["projection"] =
        published_integer(published.config, "projection_dim", where, /*fallback=*/512);
  return config;
}

std::vector<NameRule> names() {
  return with_stack_rules({{"patches", "embeddings.patch_embedding"},
                           {"class_token", "embeddings.class_embedding"},
                           {"positions", "embeddings.position_embedding.weight"},
                           {"norm_before", "pre_layrnorm"},
                           {"norm", "post_layernorm"},
                           {"projection", "visual_projection"}},
                          "stack", "encoder.layers.{}", clip_stack_names());
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"clip", "clip_vision_model"},
      config_of,
      names(),
      {"vision_model."},
      {"text_model.", "text_projection.", "logit_scale", "embeddings.position_ids"}};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, VitConfig>(clip_vision, json, where, spec);
}

}  // namespace

const Method clip_vision = {"clip_vision",
                            "CLIP's vision tower: a ViT with a projection into the space of text.",
                            "Radford et al. 2021, arXiv:2103.00020",
                            reads_images,
                            /*is_raw=*/false,
                            describe_config<VitConfig>,
                            make,
                            family};

}  // namespace braid::encoders
