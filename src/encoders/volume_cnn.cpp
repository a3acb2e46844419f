// A small convolutional network over volumes.
#include <torch/torch.h>

#include <algorithm>
#include <numeric>

#include "encoders/encoder.h"
#include "encoders/make.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method volume_cnn;

namespace {

struct Config {
  int64_t width = 64;
  std::vector<int64_t> channels = {8, 16, 32, 64};
  int64_t regions = 2;
  double dropout = 0.2;
  template <class V>
  void visit(V& v) {
    v("width", width, between(1, 4096), "D of the tokens");
    v("channels", channels, between(1, 4096), "channels of each stage, which halves every axis");
    v("regions", regions, between(1, 8),
      "parts per axis that the pooled vector tells apart; 1 = where something is does not matter");
    v("dropout", dropout, between(0, 0.9), "chance to drop a feature while training");
  }
};

constexpr int64_t kLargestGrid = 4;  // tokens per axis

// Side after `num_stages` convolutions in steps of 2.
int64_t halved(int64_t side, size_t num_stages) {
  for (size_t i = 0; i < num_stages; ++i) side = (side + 1) / 2;
  return side;
}

int64_t grid_side(const Config& config, int64_t side) {
  return std::min(halved(side, config.channels.size()), kLargestGrid);
}

int64_t num_places(const Config& config, const data::ModalitySpec& spec) {
  BRAID_CHECK(!config.channels.empty() && config.channels.size() <= 8, config,
              "channels: expected 1 to 8 stages, got {}; name one number per stage",
              config.channels.size());
  return grid_side(config, spec.depth) * grid_side(config, spec.height) *
         grid_side(config, spec.width);
}

/// 3x3x3 convolutions in steps of 2 with GroupNorm and ReLU; tokens are the places of the last grid
/// (averaged to at most 4 an axis).
///
/// Shapes   values (B, 1, D, H, W) -> tokens (B, at most 64, width); pooled (B, width), from the
///          means over regions^3 parts.
/// Source   Cicek et al. 2016 (the contracting path), arXiv:1606.06650. Differs: strides for
///          pooling, GroupNorm (Wu and He 2018, arXiv:1803.08494).
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, num_places(config, spec)), regions_(config.regions) {
    convolutions_ = register_module("convolutions", torch::nn::ModuleList());
    norms_ = register_module("norms", torch::nn::ModuleList());
    int64_t in = 1;
    for (size_t i = 0; i < config.channels.size(); ++i) {
      const int64_t out = config.channels[i];
      convolutions_->push_back(
          torch::nn::Conv3d(torch::nn::Conv3dOptions(in, out, 3).stride(2).padding(1).bias(false)));
      norms_->push_back(
          torch::nn::GroupNorm(torch::nn::GroupNormOptions(std::gcd(out, int64_t{8}), out)));
      in = out;
      if (i + 1 < config.channels.size()) tap_widths_.push_back(in * parts());
    }
    grid_ = {grid_side(config, spec.depth), grid_side(config, spec.height),
             grid_side(config, spec.width)};
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    projection_ = register_module("projection", layers::Linear(in, config.width));
    position_ = register_parameter("position", 0.02 * torch::randn({max_tokens(), config.width}));
    pooling_ = register_module("pooling", layers::Linear(in * parts(), config.width));
  }

  std::vector<int64_t> tap_widths() const override { return tap_widths_; }

 protected:
  Encoded compute(const Input& input) override {
    Tensor x = input.values;
    Encoded out;
    for (size_t i = 0; i < convolutions_->size(); ++i) {
      x = convolutions_[i]->as<torch::nn::Conv3d>()->forward(x);
      x = norms_[i]->as<torch::nn::GroupNorm>()->forward(x).relu();  // [B, C, d, h, w]
      if (i + 1 < convolutions_->size() && wants_taps) out.taps.push_back(region_vector(x));
    }
    const Tensor grid = at::adaptive_avg_pool3d(x, grid_).flatten(/*start_dim=*/2).transpose(1, 2);
    out.tokens = projection_(dropout_(grid)) + position_;  // [B, places, width]
    out.pooled = pooling_(dropout_(region_vector(x)));     // [B, width]
    out.mask = input.present.unsqueeze(1).expand({grid.size(0), grid.size(1)});
    return out;
  }

 private:
  int64_t parts() const { return regions_ * regions_ * regions_; }
  // Shapes   x (B, C, d, h, w) -> (B, C * regions^3).
  Tensor region_vector(const Tensor& x) const {
    return at::adaptive_avg_pool3d(x, {regions_, regions_, regions_}).flatten(/*start_dim=*/1);
  }

  const int64_t regions_;
  std::vector<int64_t> tap_widths_, grid_;
  torch::nn::ModuleList convolutions_, norms_;
  layers::Dropout dropout_{nullptr};
  layers::Linear projection_{nullptr}, pooling_{nullptr};
  Tensor position_;
};

bool reads(data::Kind kind) { return kind == data::Kind::volume; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(volume_cnn, json, where, spec);
}

}  // namespace

const Method volume_cnn = {"volume_cnn",
                           "3x3x3 convolutions in steps of 2 with group normalisation; tokens are "
                           "places of the last grid.",
                           "Cicek et al. 2016, arXiv:1606.06650",
                           reads,
                           /*is_raw=*/false,
                           describe_config<Config>,
                           make};

}  // namespace braid::encoders
