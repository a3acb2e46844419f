#include "processors/unit_variance.h"

#include <cmath>

#include "core/clones.h"

namespace braid::processors {
namespace {

constexpr int64_t kLanes = 8;  // partial sums, so that they make vectors

BRAID_CLONES double sum_of(const float* __restrict samples, int64_t size) {
  double sums[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes)
    for (int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += samples[i + lane];
  double sum = 0;
  for (double part : sums) sum += part;
  for (; i < size; ++i) sum += samples[i];
  return sum;
}

BRAID_CLONES double sum_of_squares(const float* __restrict samples, int64_t size, double mean) {
  double sums[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes)
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const double x = samples[i + lane] - mean;
      sums[lane] += x * x;
    }
  double sum = 0;
  for (double part : sums) sum += part;
  for (; i < size; ++i) sum += (samples[i] - mean) * (samples[i] - mean);
  return sum;
}

BRAID_CLONES void scale(const float* __restrict samples, int64_t size, double mean, double factor,
                        float* __restrict out) {
  for (int64_t i = 0; i < size; ++i) out[i] = static_cast<float>((samples[i] - mean) * factor);
}

}  // namespace

std::vector<float> unit_variance(const float* samples, int64_t size) {
  const double mean = sum_of(samples, size) / static_cast<double>(size);
  const double variance = sum_of_squares(samples, size, mean) / static_cast<double>(size);
  std::vector<float> out(size);
  scale(samples, size, mean, 1 / std::sqrt(variance + 1e-7), out.data());
  return out;
}

}  // namespace braid::processors
