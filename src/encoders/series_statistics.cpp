// Hand-made statistics of series without parameters: what a linear baseline and early fusion of
// features read.
#include <torch/torch.h>

#include <limits>

#include "encoders/encoder.h"
#include "encoders/make.h"
#include "encoders/series_input.h"
#include "encoders/time.h"
#include "layers/layers.h"

namespace braid::encoders {

extern const Method series_statistics;

namespace {

constexpr int64_t kPerChannel = 7;

struct Config {
  int64_t time_parts = 1;
  template <class V>
  void visit(V& v) {
    v("time_parts", time_parts, between(1, 64),
      "parts of the series whose means are given one by one, beside the statistics of the whole");
  }
};

int64_t width_of(const Config& config, const data::ModalitySpec& spec) {
  const int64_t parts = config.time_parts > 1 ? config.time_parts : 0;
  return spec.features * (kPerChannel + parts);
}

/// No parameters. Of each channel, over what is observed: mean, deviation, least, largest, slope
/// (by least squares, over the series' span), mean size of the step between neighbouring ticks, and
/// the share of ticks observed. All 0 where nothing is.
///
/// Shapes   values (B, T, C), observed, times (B, T) -> tokens (B, 1, D), pooled (B, D); D = 7 C,
/// and
///          C more for each part where there are several.
class Impl : public Encoder {
 public:
  Impl(const Config& config, const data::ModalitySpec& spec)
      : Encoder(spec, width_of(config, spec), /*max_tokens=*/1), time_parts_(config.time_parts) {}

 protected:
  Encoded compute(const Input& input) override {
    Encoded out;
    out.mask = input.mask.any(/*dim=*/1, /*keepdim=*/true);
    out.pooled = statistics(input);        // [B, D]
    out.tokens = out.pooled.unsqueeze(1);  // [B, 1, D]
    return out;
  }

 private:
  Tensor statistics(const Input& input) const {
    const Tensor& x = input.values;                 // [B, T, C], zeros where missing
    const Tensor w = input.observed.to(x.dtype());  // [B, T, C]
    const Tensor count = w.sum(/*dim=*/1);          // [B, C]
    const Tensor some = count.clamp_min(1);
    const Tensor mean = x.sum(/*dim=*/1) / some;
    const Tensor off = (x - mean.unsqueeze(1)) * w;
    // Never quite 0, where the root has no gradient.
    const Tensor deviation = (off.square().sum(/*dim=*/1) / some + 1e-10).sqrt();
    const double infinity = std::numeric_limits<double>::infinity();
    const Tensor missing = input.observed.logical_not();
    const auto zero_if_none = [&](const Tensor& y) {
      return at::where(count.gt(0), y, at::zeros_like(y));
    };
    const Tensor least = zero_if_none(x.masked_fill(missing, infinity).amin(/*dim=*/1));
    const Tensor largest = zero_if_none(x.masked_fill(missing, -infinity).amax(/*dim=*/1));
    const Tensor ticks = input.mask.sum(/*dim=*/1).clamp_min(1).unsqueeze(1).to(x.dtype());
    std::vector<Tensor> parts = {
        mean,         deviation, least, largest, slope(input, off, w, some), roughness(x, w),
        count / ticks};
    if (time_parts_ > 1) parts.push_back(pool_time(x, input.mask, time_parts_).flatten(1));
    return at::cat(parts, /*dim=*/1);
  }

  // Change over the span of the series along the line of least squares. Shapes   -> (B, C).
  static Tensor slope(const Input& input, const Tensor& off, const Tensor& w, const Tensor& some) {
    const Tensor times = input.times.to(off.dtype());  // [B, T]
    const Tensor span = std::get<0>(times.max(/*dim=*/1)).clamp_min(1e-12).view({-1, 1, 1});
    const Tensor t = times.unsqueeze(2) / span;                                       // [B, T, 1]
    const Tensor from_mean = (t - ((t * w).sum(/*dim=*/1) / some).unsqueeze(1)) * w;  // [B, T, C]
    const Tensor spread = from_mean.square().sum(/*dim=*/1);
    return (from_mean * off).sum(/*dim=*/1) / spread.clamp_min(1e-6);
  }

  // Shapes   -> (B, C).
  static Tensor roughness(const Tensor& x, const Tensor& w) {
    const int64_t count = x.size(1) - 1;
    if (count < 1) return at::zeros({x.size(0), x.size(2)}, x.options());
    const Tensor both = w.narrow(/*dim=*/1, 1, count) * w.narrow(/*dim=*/1, 0, count);
    const Tensor step = (x.narrow(/*dim=*/1, 1, count) - x.narrow(/*dim=*/1, 0, count)).abs();
    return (step * both).sum(/*dim=*/1) / both.sum(/*dim=*/1).clamp_min(1);
  }

  const int64_t time_parts_;
};

bool reads(data::Kind kind) { return kind == data::Kind::series; }

std::shared_ptr<Encoder> make(const Json& json, const std::string& where,
                              const data::ModalitySpec& spec) {
  return make_as<Impl, Config>(series_statistics, json, where, spec);
}

}  // namespace

const Method series_statistics = {"series_statistics",
                                  "Mean, deviation, extremes, slope, roughness and share observed "
                                  "of each channel; no parameters.",
                                  "",
                                  reads,
                                  /*is_raw=*/true,
                                  describe_config<Config>,
                                  make};

}  // namespace braid::encoders
