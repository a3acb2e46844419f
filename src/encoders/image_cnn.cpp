// A small convolutional network for images.
#include <torch/torch.h>

#include <algorithm>
#include <numeric>

#include "encoders/encoder.h"
#include "encoders/make.h"
#include "layers/layers.h"
#include "ops/group_norm.h"
#include "ops/pool.h"

namespace braid::encoders {

extern const Method image_cnn;

namespace {

struct Config {
  int64_t width = 64;
  std::vector<int64_t> channels = {16, 32, 64};
  int64_t convolutions = 1;
  int64_t regions = 4;
  double dropout = 0.2;
  template <class V>
  void visit(V& v) {
    v("width", width, between(1, 4096), "D of the tokens");
    v("channels", channels, between(1, 4096),
      "channels of each stage; between stages height and width are halved");
    v("convolutions", convolutions, between(1, 8),
      "3x3 convolutions per stage after the first; cost grows linearly");
    v("regions", regions, between(1, 16),
      "parts per side that the pooled vector tells apart; 1 = where something is does not matter");
    v("dropout", dropout, between(0, 0.9), "chance to drop a pooled feature while training");
  }
};

constexpr int64_t kLargestGrid = 8;  // tokens per side; more would make attention over them slow

// Side of the last grid when the first convolution takes steps of `step`.
int64_t grid_side(const Config& config, int64_t size, int64_t step) {
  const size_t num_poolings = config.channels.size() > 1 ? config.channels.size() - 2 : 0;
  return ((size + step - 1) / step) >> num_poolings;
}

// The power of two that brings the last grid within kLargestGrid. With more than one stage the
// first halves both axes by itself: half the cost of pooling.
int64_t first_step(const Config& config, const data::ModalitySpec& spec) {
  int64_t step = config.channels.size() > 1 ? 2 : 1;
  while (grid_side(config, std::max(spec.height, spec.width), step) > kLargestGrid) step *= 2;
  return step;
}

int64_t num_places(const Config& config, const data::ModalitySpec& spec) {
  BRAID_CHECK(!config.channels.empty(), config,
              "channels: expected at least one stage, got none; name some");
  const int64_t step = first_step(config, spec);
  const int64_t places = grid_side(config, spec.height, step) * grid_side(config, spec.width, step);
  BRAID_CHECK(places > 0, config,
              "channels: expected few enough stages for {} x {} pixels, got {}; remove some",
              spec.height, spec.width, config.channels.size());
  return places;
}

int64_t norm_groups(int64_t channels) { return std::gcd(channels, int64_t{8}); }

/// Convolutions with GroupNorm (not BatchNorm: a row must not depend on its batch) and ReLU: a 5x5
/// one in steps of 2 (more for large images), then 3x3 ones with 2x2 max pooling between the later
/// stages.
///
/// Shapes   values (B, C, H, W) -> tokens (B, h * w, D), one per place of the last grid; pooled (B,
/// D). Source   Simonyan and Zisserman 2015, arXiv:1409.1556; Wu and He 2018, arXiv:1803.08494
/// (GroupNorm).
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, num_places(config, spec)) {
    convolutions_ = register_module("convolutions", torch::nn::ModuleList());
    norms_ = register_module("norms", torch::nn::ModuleList());
    const int64_t step = first_step(config, spec);
    add(spec.channels, config.channels[0], step);
    for (size_t stage = 1; stage < config.channels.size(); ++stage) {
      first_of_stage_.push_back(convolutions_->size());
      for (int64_t i = 0; i < config.convolutions; ++i)
        add(config.channels[i == 0 ? stage - 1 : stage], config.channels[stage], /*step=*/1);
    }
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    const int64_t channels = config.channels.back();
    projection_ = register_module("projection", layers::Linear(channels, config.width));
    position_ = register_parameter("position", 0.02 * torch::randn({max_tokens(), config.width}));
    regions_ = config.regions;
    channels_ = config.channels;
    pooling_ =
        register_module("pooling", layers::Linear(channels * regions_ * regions_, config.width));
  }

  std::vector<int64_t> tap_widths() const override {
    std::vector<int64_t> widths;
    for (size_t stage = 0; stage + 1 < channels_.size(); ++stage)
      widths.push_back(channels_[stage] * regions_ * regions_);
    return widths;
  }

 protected:
  Encoded compute(const Input& input) override {
    // Channels last: libtorch's pooling is several times faster there.
    Tensor x = input.values.contiguous(at::MemoryFormat::ChannelsLast);
    Encoded out;
    size_t stage = 0;
    for (size_t i = 0; i < convolutions_->size(); ++i) {
      if (stage < first_of_stage_.size() && first_of_stage_[stage] == i) {
        if (wants_taps) out.taps.push_back(region_vector(x));
        if (stage > 0) x = ops::max_pool(x);
        ++stage;
      }
      const auto& norm = *norms_[i]->as<torch::nn::GroupNorm>();
      x = ops::group_norm_relu(convolutions_[i]->as<torch::nn::Conv2d>()->forward(x),
                               /*real=*/Tensor(), norm.options.num_groups(), norm.weight,
                               norm.bias);
    }
    const Tensor grid = x.flatten(/*start_dim=*/2).transpose(1, 2);  // [B, h * w, C]
    out.tokens = projection_(dropout_(grid)) + position_;            // [B, h * w, D]
    out.pooled = pooling_(dropout_(region_vector(x)));               // [B, D]
    out.mask = input.present.unsqueeze(1).expand({grid.size(0), grid.size(1)});
    return out;
  }

 private:
  // Shapes   x (B, C, h, w) -> (B, C * regions * regions).
  Tensor region_vector(const Tensor& x) const {
    return ops::region_means(x, regions_).flatten(/*start_dim=*/1);
  }

  void add(int64_t in, int64_t out, int64_t step) {
    const auto options =
        torch::nn::Conv2dOptions(in, out, 2 * step + 1).stride(step).padding(step).bias(false);
    convolutions_->push_back(torch::nn::Conv2d(options));
    norms_->push_back(torch::nn::GroupNorm(torch::nn::GroupNormOptions(norm_groups(out), out)));
  }

  torch::nn::ModuleList convolutions_, norms_;
  std::vector<size_t> first_of_stage_;
  layers::Dropout dropout_{nullptr};
  layers::Linear projection_{nullptr}, pooling_{nullptr};
  Tensor position_;
  int64_t regions_ = 1;
  std::vector<int64_t> channels_;
};

bool reads(data::Kind kind) { return kind == data::Kind::image; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(image_cnn, json, where, spec);
}

}  // namespace

const Method image_cnn = {
    "image_cnn",
    "Stages of 3x3 convolutions with group normalisation; tokens are the places of the last grid.",
    "Simonyan and Zisserman 2015, arXiv:1409.1556",
    reads,
    /*is_raw=*/false,
    describe_config<Config>,
    make};

}  // namespace braid::encoders
