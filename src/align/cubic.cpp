#include "align/align.h"

namespace braid::align {
namespace {

// Second derivatives of the natural spline through measurements [first, end), which have the
// equations h_i-1 m_i-1 + 2 (h_i-1 + h_i) m_i + h_i m_i+1 = 6 (slope_i - slope_i-1), m = 0 at both
// ends, solved by elimination: the matrix is diagonally dominant.
void solve(const Channel& x, size_t first, size_t end, std::vector<double>* curvature) {
  std::vector<double> upper(end - first, 0), right(end - first, 0);
  const auto step = [&](size_t i) { return seconds(x.times_ns[i + 1] - x.times_ns[i]); };
  const auto slope = [&](size_t i) { return (x.values[i + 1] - x.values[i]) / step(i); };
  for (size_t i = first + 1; i + 1 < end; ++i) {
    const double before = step(i - 1), after = step(i);
    const double pivot = 2 * (before + after) - before * upper[i - 1 - first];
    upper[i - first] = after / pivot;
    right[i - first] = (6 * (slope(i) - slope(i - 1)) - before * right[i - 1 - first]) / pivot;
  }
  for (size_t i = end - 1; i-- > first + 1;)
    (*curvature)[i] = right[i - first] - upper[i - first] * (*curvature)[i + 1];
}

void fill(const Channel& channel, const std::vector<int64_t>& ticks_ns, const Options& options,
          Column* column) {
  // One spline for each run without a gap that no tick could be joined across.
  std::vector<double> curvature(channel.size(), 0);
  for (size_t first = 0; first < channel.size();) {
    size_t end = first + 1;
    while (end < channel.size() &&
           (channel.times_ns[end] - channel.times_ns[end - 1]) / 2 <= options.tolerance_ns)
      ++end;
    if (end - first > 2) solve(channel, first, end, &curvature);
    first = end;
  }
  join_neighbours(channel, ticks_ns, options, column, [&](int64_t tick, size_t i) {
    const double h = seconds(channel.times_ns[i + 1] - channel.times_ns[i]);
    const double b = seconds(tick - channel.times_ns[i]) / h, a = 1 - b;
    return a * channel.values[i] + b * channel.values[i + 1] +
           ((a * a * a - a) * curvature[i] + (b * b * b - b) * curvature[i + 1]) * h * h / 6;
  });
}

}  // namespace

extern const Method cubic = {
    "cubic",
    "the natural cubic spline: smooth, may overshoot",
    "y of continuous first and second derivative, y'' = 0 at both ends of a run without gaps, "
    "where "
    "both neighbours are within the tolerance",
    "5/384 h^4 max|x''''| away from the ends, h^2/8 max|x''| beside them",
    "C. de Boor, A Practical Guide to Splines, 1978; Hall and Meyer, J. Approx. Theory 16, 1976",
    /*is_causal=*/false,
    /*is_local=*/false,
    fill};

}  // namespace braid::align
