#include "processors/resample.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "core/clones.h"
#include "core/error.h"

namespace braid::processors {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int kMaxRateHz = 768000;
constexpr double kZeroCrossings = 6;  // of the sinc on each side
constexpr double kRolloff = 0.99;
constexpr int64_t kLanes = 8;  // partial sums of one value, so that they make a vector

// The filter for every place of a result between two samples. Place p lies at sample p * from / to;
// its taps begin `reach` samples before the whole part of that.
struct Filter {
  int64_t from, to;  // without common divisor
  int64_t reach, num_taps;
  std::vector<int64_t> starts;  // whole parts, (places)
  std::vector<float> taps;      // (places, num_taps)

  Filter(int64_t from_rate, int64_t to_rate, int64_t num_places) : from(from_rate), to(to_rate) {
    const double base = kRolloff * static_cast<double>(std::min(from, to));
    reach = static_cast<int64_t>(std::ceil(kZeroCrossings * static_cast<double>(from) / base));
    num_taps = (2 * reach + 1 + kLanes) / kLanes * kLanes;
    taps.resize(num_places * num_taps);
    for (int64_t p = 0; p < num_places; ++p) {
      starts.push_back(p * from / to);
      for (int64_t j = 0; j < num_taps; ++j) {
        const int64_t sample = starts[p] - reach + j;
        const double t = base * (static_cast<double>(sample * to - p * from) /
                                 (static_cast<double>(from) * static_cast<double>(to)));
        if (std::fabs(t) >= kZeroCrossings) continue;
        const double cosine = std::cos(t * kPi / kZeroCrossings / 2);
        const double sinc = t == 0 ? 1 : std::sin(t * kPi) / (t * kPi);
        taps[p * num_taps + j] =
            static_cast<float>(sinc * cosine * cosine * base / static_cast<double>(from));
      }
    }
  }
};

// out[i] = the taps of place i times the samples from starts[i] on.
BRAID_CLONES void weigh(const float* __restrict taps, int64_t num_taps,
                        const float* __restrict samples, const int64_t* __restrict starts,
                        int64_t num_places, float* __restrict out) {
  for (int64_t i = 0; i < num_places; ++i) {
    const float* a = taps + i * num_taps;
    const float* b = samples + starts[i];
    float sums[kLanes] = {};
    for (int64_t j = 0; j < num_taps; j += kLanes)
      for (int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[j + lane] * b[j + lane];
    out[i] =
        ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
  }
}

}  // namespace

std::vector<float> resample_sinc(const std::vector<float>& samples, int from_hz, int to_hz) {
  for (int rate_hz : {from_hz, to_hz})
    BRAID_CHECK(rate_hz > 0 && rate_hz <= kMaxRateHz, usage,
                "resample_sinc: rate: expected 1 to {} Hz, got {}", kMaxRateHz, rate_hz);
  if (from_hz == to_hz || samples.empty()) return samples;
  const int64_t divisor = std::gcd(from_hz, to_hz);
  const int64_t from = from_hz / divisor, to = to_hz / divisor;
  const int64_t num_in = static_cast<int64_t>(samples.size());
  const int64_t num_out = (num_in * to + from - 1) / from;  // ceil
  const Filter filter(from, to, std::min(to, num_out));
  std::vector<float> padded(filter.reach + num_in + filter.num_taps);
  std::copy(samples.begin(), samples.end(), padded.begin() + filter.reach);
  std::vector<float> out(num_out);
  int64_t first = 0;  // of the samples of this period of the two rates
  for (int64_t i = 0; i < num_out; i += to, first += from)
    weigh(filter.taps.data(), filter.num_taps, padded.data() + first, filter.starts.data(),
          std::min(to, num_out - i), out.data() + i);
  return out;
}

}  // namespace braid::processors
