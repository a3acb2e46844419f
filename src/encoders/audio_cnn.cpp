// A small convolutional network over log-mel spectrograms of uneven length.
#include <torch/torch.h>

#include <algorithm>

#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/masked_group_norm.h"
#include "encoders/time.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method audio_cnn;

namespace {

struct Config {
  int64_t width = 64;
  std::vector<int64_t> channels = {16, 32, 64};
  int64_t band_groups = 5;
  int64_t time_parts = 4;
  double dropout = 0.2;
  template <class V>
  void visit(V& v) {
    v("width", width, between(1, 4096), "D of the tokens");
    v("channels", channels, between(1, 4096),
      "channels of each stage; between stages time and bands are halved");
    v("band_groups", band_groups, between(1, 64),
      "frequency regions told apart at the end; fewer = less sensitive to pitch");
    v("time_parts", time_parts, between(1, 64),
      "parts of the clip told apart in the pooled vector; 1 = the plain mean over time");
    v("dropout", dropout, between(0, 0.9),
      "chance to drop a feature of the last stage while training");
  }
};

int64_t num_tokens(const Config& config, const data::ModalitySpec& spec) {
  BRAID_CHECK(!config.channels.empty() && config.channels.size() <= 8, config,
              "channels: expected 1 to 8 stages, got {}; name one number per stage",
              config.channels.size());
  const int64_t stride = int64_t{1} << (config.channels.size() - 1);
  return (spec.max_length + stride - 1) / stride;
}

/// Convolutions over (time, band) with masked GroupNorm and ReLU: a 5x5 one in steps of 2, then 3x3
/// ones with 2x2 max pooling between the later stages. Every stage sees zeros in masked frames, so
/// that padding cannot be told from silence outside the clip.
///
/// Shapes   values (B, T, F) -> tokens (B, ceil(T / 4), D) for three stages; pooled (B, D), from
/// the means over `time_parts` parts of each clip's real frames. Source   Hershey et al.
/// 2017, arXiv:1609.09430 (convolutions over log-mel). Differs: size, norm, masks.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, config.width, num_tokens(config, spec)),
        time_parts_(config.time_parts),
        channels_(config.channels) {
    convolutions_ = register_module("convolutions", torch::nn::ModuleList());
    norms_ = register_module("norms", torch::nn::ModuleList());
    int64_t in = 1, bands = spec.features;
    for (size_t stage = 0; stage < config.channels.size(); ++stage) {
      if (stage > 0) bands = (bands + 1) / 2;
      // With more than one stage the first halves both axes by itself: half the cost of pooling.
      const int64_t step = stage == 0 && config.channels.size() > 1 ? 2 : 1;
      convolutions_->push_back(
          torch::nn::Conv2d(torch::nn::Conv2dOptions(in, config.channels[stage], 2 * step + 1)
                                .stride(step)
                                .padding(step)
                                .bias(false)));
      norms_->push_back(MaskedGroupNorm(config.channels[stage]));
      in = config.channels[stage];
    }
    band_groups_ = std::min(config.band_groups, bands);
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    projection_ = register_module("projection", layers::Linear(in * band_groups_, config.width));
    pool_ = register_module("pool", layers::Linear(time_parts_ * in * band_groups_, config.width));
  }

  std::vector<int64_t> tap_widths() const override {
    std::vector<int64_t> widths;
    for (size_t stage = 0; stage + 1 < channels_.size(); ++stage)
      widths.push_back(time_parts_ * channels_[stage] * band_groups_);
    return widths;
  }

 protected:
  Encoded compute(const Input& input) override {
    const size_t num_stages = convolutions_->size();
    const int64_t stride = int64_t{1} << (num_stages - 1);
    Tensor mask = pad_time(input.mask, stride);  // [B, T]
    // Channels last: libtorch's pooling is several times faster there.
    Tensor x = pad_time(input.values, stride).unsqueeze(1);  // [B, 1, T, F]
    x = x.contiguous(at::MemoryFormat::ChannelsLast);
    Encoded out;
    for (size_t stage = 0; stage < num_stages; ++stage) {
      if (stage > 0 && wants_taps) out.taps.push_back(part_vector(band_means(x), mask));
      if (stage > 1) {
        x = at::max_pool2d(x, /*kernel_size=*/2, /*stride=*/2, /*padding=*/0, /*dilation=*/1,
                           /*ceil_mode=*/true);
      }
      if (stage > 1 || (stage == 0 && num_stages > 1)) mask = pool_mask(mask, 2);
      x = norms_[stage]->as<MaskedGroupNorm>()->forward(
          convolutions_[stage]->as<torch::nn::Conv2d>()->forward(x), mask);
    }
    const Tensor features = band_means(x);
    out.tokens = projection_(dropout_(features));  // [B, T, D]
    out.tokens = out.tokens + layers::sinusoid(out.tokens.size(1), width(), out.tokens);
    out.mask = mask;
    out.pooled = pool_(dropout_(part_vector(features, mask)));  // [B, D]
    return out;
  }

 private:
  // Shapes   x (B, C, T, F) -> (B, T, C * band_groups).
  Tensor band_means(const Tensor& x) const {
    const Tensor bands = at::adaptive_avg_pool2d(x, {x.size(2), band_groups_});  // [B, C, T, G]
    return bands.permute({0, 2, 1, 3}).flatten(/*start_dim=*/2);                 // [B, T, C * G]
  }

  // Shapes   features (B, T, C * G), mask (B, T) -> (B, time_parts * C * G).
  Tensor part_vector(const Tensor& features, const Tensor& mask) const {
    return pool_time(features, mask, time_parts_).flatten(/*start_dim=*/1);
  }

  torch::nn::ModuleList convolutions_, norms_;
  int64_t band_groups_ = 1, time_parts_ = 1;
  std::vector<int64_t> channels_;
  layers::Dropout dropout_{nullptr};
  layers::Linear projection_{nullptr}, pool_{nullptr};
};

bool reads(data::Kind kind) { return kind == data::Kind::audio; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(audio_cnn, json, where, spec);
}

}  // namespace

const Method audio_cnn = {
    "audio_cnn",
    "Stages of 3x3 convolutions over time and frequency that know which frames are real.",
    "Hershey et al. 2017, arXiv:1609.09430",
    reads,
    /*is_raw=*/false,
    describe_config<Config>,
    make};

}  // namespace braid::encoders
