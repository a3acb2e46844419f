// DeiT: ViT with a second token that was taught by another network.
#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/vit_encoder.h"

namespace braid::encoders {

extern const Method deit;

namespace {

VitShape shape() {
  VitShape shape;
  shape.has_distillation_token = true;
  return shape;
}

class Impl : public VitEncoder {
 public:
  Impl(const VitConfig& config, const data::ModalitySpec& spec)
      : VitEncoder(config, shape(), spec) {}
};

Json config_of(const Published& published, const std::string& where) {
  return vit_config_of(published.config, where);
}

const CheckpointFamily& family() {
  static const CheckpointFamily known = {
      {"deit"},
      config_of,
      vit_names(),
      {"deit."},
      {"classifier.", "cls_classifier.", "distillation_classifier.", "pooler.",
       "embeddings.mask_token"}};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, VitConfig>(deit, json, where, spec);
}

}  // namespace

const Method deit = {"deit",
                     "ViT with a distillation token, as published for DeiT.",
                     "Touvron et al. 2021, arXiv:2012.12877",
                     reads_images,
                     /*is_raw=*/false,
                     describe_config<VitConfig>,
                     make,
                     family};

}  // namespace braid::encoders
