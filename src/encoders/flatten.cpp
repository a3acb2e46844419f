// Features without parameters: what a linear baseline and early fusion of features read.
#include <torch/torch.h>

#include <algorithm>
#include <numeric>

#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/time.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method flatten;

namespace {

using data::Kind;

struct Config {
  int64_t image_size = 16;
  int64_t frames = 16;
  int64_t bands = 24;
  int64_t video_frames = 8;
  int64_t video_size = 12;
  int64_t volume_size = 8;
  template <class V>
  void visit(V& v) {
    v("image_size", image_size, between(1, 1024),
      "largest side to which images are averaged, in pixels");
    v("frames", frames, between(1, 4096), "parts in time to which sound is averaged");
    v("bands", bands, between(1, 1024), "most frequency bands to which sound is averaged");
    v("video_frames", video_frames, between(1, 4096), "parts in time to which video is averaged");
    v("video_size", video_size, between(1, 1024),
      "largest side to which frames are averaged, in pixels");
    v("volume_size", volume_size, between(1, 512),
      "largest side to which volumes are averaged, in voxels");
  }
};

int64_t flat_width(const Config& config, const data::ModalitySpec& spec) {
  switch (spec.kind) {
    case Kind::image:
      return spec.channels * std::min(config.image_size, spec.height) *
             std::min(config.image_size, spec.width);
    case Kind::audio:
      return config.frames * std::min(config.bands, spec.features);
    case Kind::video:
      return config.video_frames * spec.channels * std::min(config.video_size, spec.height) *
             std::min(config.video_size, spec.width);
    case Kind::volume:
      return std::min(config.volume_size, spec.depth) * std::min(config.volume_size, spec.height) *
             std::min(config.volume_size, spec.width);
    case Kind::tabular:
      return 2 * spec.features +
             std::accumulate(spec.categories.begin(), spec.categories.end(), int64_t{0});
    default:
      return spec.features;
  }
}

/// No parameters: pixels, voxels, spectrogram, numbers or the mean embedding as one long vector.
///
/// Shapes   -> tokens (B, 1, D), pooled (B, D); D follows from the modality and the config.
/// Missing  tabular: a missing number is 0 and its indicator 0; a missing category is its own
/// one-hot place.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, flat_width(config, spec), /*max_tokens=*/1), config_(config) {}

 protected:
  Encoded compute(const Input& input) override {
    Encoded out;
    out.pooled = flatten(input);
    out.tokens = out.pooled.unsqueeze(1);  // [B, 1, D]
    out.mask = input.present.unsqueeze(1);
    if (spec_.kind == Kind::audio || spec_.kind == Kind::video || spec_.kind == Kind::embedding)
      out.mask = input.mask.any(/*dim=*/1, /*keepdim=*/true);
    return out;
  }

 private:
  Tensor flatten(const Input& input) const {
    switch (spec_.kind) {
      case Kind::image: {
        const int64_t height = std::min(config_.image_size, spec_.height);
        const int64_t width = std::min(config_.image_size, spec_.width);
        return at::adaptive_avg_pool2d(input.values, {height, width}).flatten(/*start_dim=*/1);
      }
      case Kind::audio: {
        const Tensor parts = pool_time(input.values, input.mask, config_.frames);  // [B, frames, F]
        return at::adaptive_avg_pool1d(parts, std::min(config_.bands, spec_.features))
            .flatten(/*start_dim=*/1);
      }
      case Kind::video: {
        const int64_t B = input.values.size(0), T = input.values.size(1);
        const int64_t height = std::min(config_.video_size, spec_.height);
        const int64_t width = std::min(config_.video_size, spec_.width);
        const Tensor frames =
            at::adaptive_avg_pool2d(input.values.flatten(/*start_dim=*/0, 1), {height, width})
                .reshape({B, T, spec_.channels * height * width});
        return pool_time(frames, input.mask, config_.video_frames).flatten(/*start_dim=*/1);
      }
      case Kind::volume:
        return at::adaptive_avg_pool3d(input.values, {std::min(config_.volume_size, spec_.depth),
                                                      std::min(config_.volume_size, spec_.height),
                                                      std::min(config_.volume_size, spec_.width)})
            .flatten(/*start_dim=*/1);
      case Kind::tabular:
        return flatten_table(input);
      default:
        return layers::masked_mean(input.values, input.mask);
    }
  }

  Tensor flatten_table(const Input& input) const {
    std::vector<Tensor> parts = {input.values, input.observed.to(input.values.dtype())};
    for (size_t i = 0; i < spec_.categories.size(); ++i) {
      const Tensor ids = input.ids.select(/*dim=*/1, static_cast<int64_t>(i));
      parts.push_back(at::one_hot(ids, spec_.categories[i]).to(input.values.dtype()));
      if (input.scale.defined())
        parts.back() = parts.back() * input.scale.slice(/*dim=*/1, static_cast<int64_t>(i),
                                                        static_cast<int64_t>(i) + 1);
    }
    return at::cat(parts, /*dim=*/1);
  }

  const Config config_;
};

bool reads(data::Kind kind) {
  return kind == Kind::image || kind == Kind::audio || kind == Kind::video ||
         kind == Kind::volume || kind == Kind::tabular || kind == Kind::embedding;
}

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(flatten, json, where, spec);
}

}  // namespace

const Method flatten = {
    "flatten",
    "The input itself, averaged to a modest size, as one vector; no parameters.",
    "",
    reads,
    /*is_raw=*/true,
    describe_config<Config>,
    make};

}  // namespace braid::encoders
