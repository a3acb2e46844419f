// DINOv2: ViT trained without labels, with layer scale.
#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/vit_encoder.h"

namespace braid::encoders {

extern const Method dinov2;

namespace {

VitShape shape() {
  VitShape shape;
  shape.has_layer_scale = true;
  return shape;
}

class Impl : public VitEncoder {
 public:
  Impl(const VitConfig& config, const data::ModalitySpec& spec)
      : VitEncoder(config, shape(), spec) {}
};

Json config_of(const Published& published, const std::string& where) {
  const Json& given = published.config;
  published_must_be(given, "use_swiglu_ffn", false, where);
  Json config = vit_config_of(given, where);
  config["epsilon"] = published_number(given, "layer_norm_eps", where, 1e-6);
  config["mlp_width"] = static_cast<int64_t>(config["width"].get<double>() *
                                             published_number(given, "mlp_ratio", where, 4));
  return config;
}

std::vector<NameRule> names() {
  std::vector<NameRule> rules = with_stack_rules(
      vit_names(), "stack", "encoder.layer.{}",
      {"norm1", "attention.attention.query", "attention.attention.key", "attention.attention.value",
       "attention.output.dense", "norm2", "mlp.fc1", "mlp.fc2"});
  rules.push_back({"stack.blocks.{}.scale1", "encoder.layer.{}.layer_scale1.lambda1"});
  rules.push_back({"stack.blocks.{}.scale2", "encoder.layer.{}.layer_scale2.lambda1"});
  return rules;
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"dinov2"}, config_of, names(), {"dinov2."}, {"classifier.", "embeddings.mask_token"}};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, VitConfig>(dinov2, json, where, spec);
}

}  // namespace

const Method dinov2 = {"dinov2",
                       "ViT trained without labels, as published for DINOv2.",
                       "Oquab et al. 2024, arXiv:2304.07193",
                       reads_images,
                       /*is_raw=*/false,
                       describe_config<VitConfig>,
                       make,
                       family};

}  // namespace braid::encoders
