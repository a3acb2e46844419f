// A small vision Transformer.
#include <torch/torch.h>

#include <algorithm>

#include "encoders/blocks.h"
#include "encoders/encoder.h"
#include "encoders/make.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method image_vit;

namespace {

struct Config : BlocksConfig {
  int64_t patch = 0;
  template <class V>
  void visit(V& v) {
    v("patch", patch, between(0, 256),
      "side of a patch in pixels; 0 = a seventh of the longer side; smaller = more tokens");
    BlocksConfig::visit(v);
  }
};

int64_t patch_side(const Config& config, const data::ModalitySpec& spec) {
  return config.patch > 0 ? config.patch
                          : std::max<int64_t>(1, (std::max(spec.height, spec.width) + 3) / 7);
}

int64_t num_patches(const Config& config, const data::ModalitySpec& spec) {
  const int64_t side = patch_side(config, spec);
  return ((spec.height + side - 1) / side) * ((spec.width + side - 1) / side);
}

/// Patches through one linear map, learned positions, pre-norm blocks, final norm; pooled = mean of
/// the tokens.
///
/// Shapes   values (B, C, H, W) -> tokens (B, patches, D), pooled (B, D). Edges: filled with zeros.
/// Source   Dosovitskiy et al. 2021, arXiv:2010.11929. Differs: the mean, not a class token.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, num_patches(config, spec)), side_(patch_side(config, spec)) {
    const auto options = torch::nn::Conv2dOptions(spec.channels, config.width, side_).stride(side_);
    patches_ = register_module("patches", torch::nn::Conv2d(options));
    positions_ = register_parameter("positions", 0.02 * torch::randn({max_tokens(), config.width}));
    blocks_ = register_module("blocks", Blocks(config));
    tap_widths_ = block_tap_widths(config);
  }

  std::vector<int64_t> tap_widths() const override { return tap_widths_; }

 protected:
  Encoded compute(const Input& input) override {
    const int64_t bottom = (side_ - spec_.height % side_) % side_;
    const int64_t right = (side_ - spec_.width % side_) % side_;
    const Tensor whole = at::constant_pad_nd(input.values, {0, right, 0, bottom}, 0);
    const Tensor grid = patches_(whole);                                          // [B, D, h, w]
    const Tensor x = grid.flatten(/*start_dim=*/2).transpose(1, 2) + positions_;  // [B, patches, D]
    Encoded out;
    out.mask = input.present.unsqueeze(1).expand({x.size(0), x.size(1)});
    out.tokens = blocks_(x, out.mask, wants_taps ? &out.taps : nullptr);
    out.pooled = layers::masked_mean(out.tokens, out.mask);
    return out;
  }

 private:
  const int64_t side_;
  torch::nn::Conv2d patches_{nullptr};
  Tensor positions_;
  Blocks blocks_{nullptr};
  std::vector<int64_t> tap_widths_;
};

bool reads(data::Kind kind) { return kind == data::Kind::image; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(image_vit, json, where, spec);
}

}  // namespace

const Method image_vit = {"image_vit",
                          "Transformer over square patches with learned positions.",
                          "Dosovitskiy et al. 2021, arXiv:2010.11929",
                          reads,
                          /*is_raw=*/false,
                          describe_config<Config>,
                          make};

}  // namespace braid::encoders
