// ViT as published.
#include "encoders/make.h"
#include "encoders/published_keys.h"
#include "encoders/vit_encoder.h"

namespace braid::encoders {

extern const Method vit;

namespace {

VitShape shape() {
  VitShape shape;
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
      {"vit"},
      config_of,
      vit_names(),
      {"vit."},
      {"classifier.", "pooler.", "decoder.", "embeddings.mask_token"}};
  return known;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, VitConfig>(vit, json, where, spec);
}

}  // namespace

const Method vit = {"vit",
                    "Vision Transformer with a class token, as published for ViT.",
                    "Dosovitskiy et al. 2021, arXiv:2010.11929",
                    reads_images,
                    /*is_raw=*/false,
                    describe_config<VitConfig>,
                    make,
                    family};

}  // namespace braid::encoders
