#include <cmath>

#include "align/align.h"

namespace braid::align {
namespace {

// The three-point slope at an end, kept within what leaves the curve monotone.
double end_slope(double near_step, double far_step, double near, double far) {
  const double slope =
      ((2 * near_step + far_step) * near - near_step * far) / (near_step + far_step);
  if (slope * near <= 0) return 0;
  if (near * far <= 0 && std::abs(slope) > 3 * std::abs(near)) return 3 * near;
  return slope;
}

// Slopes of Fritsch and Butland: the weighted harmonic mean of both sides, 0 at an extremum.
std::vector<double> slopes(const Channel& x) {
  const size_t N = x.size();
  std::vector<double> step(N), secant(N), slope(N, 0);
  for (size_t i = 0; i + 1 < N; ++i) {
    step[i] = seconds(x.times_ns[i + 1] - x.times_ns[i]);
    secant[i] = (x.values[i + 1] - x.values[i]) / step[i];
  }
  if (N == 2) return {secant[0], secant[0]};
  if (N < 2) return slope;
  for (size_t i = 1; i + 1 < N; ++i) {
    if (secant[i - 1] * secant[i] <= 0) continue;
    const double w1 = 2 * step[i] + step[i - 1], w2 = step[i] + 2 * step[i - 1];
    slope[i] = (w1 + w2) / (w1 / secant[i - 1] + w2 / secant[i]);
  }
  slope[0] = end_slope(step[0], step[1], secant[0], secant[1]);
  slope[N - 1] = end_slope(step[N - 2], step[N - 3], secant[N - 2], secant[N - 3]);
  return slope;
}

void fill(const Channel& channel, const std::vector<int64_t>& ticks_ns, const Options& options,
          Column* column) {
  const std::vector<double> slope = slopes(channel);
  join_neighbours(channel, ticks_ns, options, column, [&](int64_t tick, size_t i) {
    const double h = seconds(channel.times_ns[i + 1] - channel.times_ns[i]);
    const double s = seconds(tick - channel.times_ns[i]) / h;
    const double from = channel.values[i], to = channel.values[i + 1];
    return from + s * s * (3 - 2 * s) * (to - from) +
           h * s * (1 - s) * ((1 - s) * slope[i] - s * slope[i + 1]);
  });
}

}  // namespace

extern const Method monotone = {
    "monotone",
    "a cubic between the two neighbours that never leaves their values (PCHIP)",
    "the cubic Hermite curve with slopes of the weighted harmonic mean of both sides, 0 at "
    "extrema, "
    "where both neighbours are within the tolerance",
    "O(h^2), and between x(t_i) and x(t_i+1)",
    "Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5, 1984",
    /*is_causal=*/false,
    /*is_local=*/false,
    fill};

}  // namespace braid::align
