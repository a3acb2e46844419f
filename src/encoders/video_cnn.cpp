// A small (2+1)D convolutional network over frames.
#include <torch/torch.h>

#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/masked_group_norm.h"
#include "encoders/time.h"
#include "layers/layers.h"
#include "ops/pool.h"

namespace braid::encoders {

extern const Method video_cnn;

namespace {

constexpr int64_t kMostTokens = 64;

struct Config {
  int64_t width = 64;
  std::vector<int64_t> channels = {16, 32, 64};
  int64_t regions = 2;
  int64_t time_parts = 4;
  double dropout = 0.2;
  template <class V>
  void visit(V& v) {
    v("width", width, between(1, 4096), "D of the tokens");
    v("channels", channels, between(1, 4096),
      "channels of each stage, which halves height and width");
    v("regions", regions, between(1, 16),
      "parts per side that a frame's vector tells apart; 1 = where something is does not matter");
    v("time_parts", time_parts, between(1, 64),
      "parts of the video told apart in the pooled vector; 1 = the plain mean over time");
    v("dropout", dropout, between(0, 0.9), "chance to drop a feature while training");
  }
};

/// A 3x3 convolution of each frame in steps of 2, then one over three frames at each place.
class StageImpl : public torch::nn::Module {
 public:
  StageImpl(int64_t in, int64_t out) {
    using Options = torch::nn::Conv2dOptions;
    space_ = register_module(
        "space", torch::nn::Conv2d(Options(in, out, 3).stride(2).padding(1).bias(false)));
    time_ = register_module(
        "time", torch::nn::Conv2d(Options(out, out, {3, 1}).padding({1, 0}).bias(false)));
    norm_space_ = register_module("norm_space", MaskedGroupNorm(out));
    norm_time_ = register_module("norm_time", MaskedGroupNorm(out));
  }

  // Shapes   x (B, T, C, H, W) channels last, mask (B, T) -> (B, T, out, H / 2, W / 2).
  Tensor forward(const Tensor& x, const Tensor& mask) {
    const int64_t B = x.size(0), T = x.size(1);
    const Tensor y = space_(x.flatten(/*start_dim=*/0, 1));  // [B T, out, h, w]
    const int64_t C = y.size(1), h = y.size(2), w = y.size(3);
    Tensor z = y.permute({0, 2, 3, 1}).reshape({B, T, h * w, C}).permute({0, 3, 1, 2});
    z = norm_space_(z, mask);        // [B, out, T, h w]
    z = norm_time_(time_(z), mask);  // [B, out, T, h w]
    return z.permute({0, 2, 3, 1})
        .reshape({B, T, h, w, C})
        .permute({0, 1, 4, 2, 3});  // [B, T, out, h, w]
  }

 private:
  torch::nn::Conv2d space_{nullptr}, time_{nullptr};
  MaskedGroupNorm norm_space_{nullptr}, norm_time_{nullptr};
};
TORCH_MODULE(Stage);

int64_t num_tokens(const Config& config, const data::ModalitySpec& spec) {
  BRAID_CHECK(!config.channels.empty() && config.channels.size() <= 8, config,
              "channels: expected 1 to 8 stages, got {}; name one number per stage",
              config.channels.size());
  const int64_t stride = group_size(spec.max_length, kMostTokens);
  return (spec.max_length + stride - 1) / stride;
}

/// Stages of a convolution in space and one in time, each with masked GroupNorm and ReLU. Masked
/// frames are zeros at every stage, so that padding is what lies outside the video.
///
/// Shapes   values (B, T, C, H, W) -> tokens (B, at most 64, D), one per frame or run of frames;
///          pooled (B, D), from the means over `time_parts` parts.
/// Source   Tran et al. 2018, arXiv:1711.11248. Differs: small, no residuals, GroupNorm.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, num_tokens(config, spec)),
        stride_(group_size(spec.max_length, kMostTokens)),
        regions_(config.regions),
        time_parts_(config.time_parts) {
    stages_ = register_module("stages", torch::nn::ModuleList());
    int64_t in = spec.channels;
    for (size_t i = 0; i < config.channels.size(); ++i) {
      stages_->push_back(Stage(in, config.channels[i]));
      in = config.channels[i];
      if (i + 1 < config.channels.size())
        tap_widths_.push_back(time_parts_ * in * regions_ * regions_);
    }
    const int64_t features = in * regions_ * regions_;
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    projection_ = register_module("projection", layers::Linear(features, config.width));
    pool_ = register_module("pool", layers::Linear(time_parts_ * features, config.width));
  }

  std::vector<int64_t> tap_widths() const override { return tap_widths_; }

 protected:
  Encoded compute(const Input& input) override {
    Tensor x = input.values.permute({0, 1, 3, 4, 2}).contiguous().permute({0, 1, 4, 2, 3});
    Encoded out;
    for (size_t i = 0; i < stages_->size(); ++i) {
      x = stages_[i]->as<Stage>()->forward(x, input.mask);
      if (i + 1 < stages_->size() && wants_taps)
        out.taps.push_back(part_vector(frame_vectors(x), input.mask));
    }
    const Tensor frames = frame_vectors(x);  // [B, T, features]
    out.mask = pool_mask(pad_time(input.mask, stride_), stride_);
    out.tokens = projection_(dropout_(group_means(frames, input.mask, stride_)));
    out.tokens = out.tokens + layers::sinusoid(out.tokens.size(1), width(), out.tokens);
    out.pooled = pool_(dropout_(part_vector(frames, input.mask)));  // [B, D]
    return out;
  }

 private:
  // Shapes   x (B, T, C, h, w) -> (B, T, C * regions * regions).
  Tensor frame_vectors(const Tensor& x) const {
    return ops::region_means(x.flatten(/*start_dim=*/0, 1), regions_)
        .flatten(/*start_dim=*/1)
        .view({x.size(0), x.size(1), -1});
  }
  // Shapes   frames (B, T, F), mask (B, T) -> (B, time_parts * F).
  Tensor part_vector(const Tensor& frames, const Tensor& mask) const {
    return pool_time(frames, mask, time_parts_).flatten(/*start_dim=*/1);
  }

  const int64_t stride_, regions_, time_parts_;
  std::vector<int64_t> tap_widths_;
  torch::nn::ModuleList stages_;
  layers::Dropout dropout_{nullptr};
  layers::Linear projection_{nullptr}, pool_{nullptr};
};

bool reads(data::Kind kind) { return kind == data::Kind::video; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(video_cnn, json, where, spec);
}

}  // namespace

const Method video_cnn = {
    "video_cnn",
    "Stages of a convolution in space and one in time; tokens are frames or runs of them.",
    "Tran et al. 2018, arXiv:1711.11248",
    reads,
    /*is_raw=*/false,
    describe_config<Config>,
    make};

}  // namespace braid::encoders
