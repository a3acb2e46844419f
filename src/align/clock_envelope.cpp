// The envelopes of clock_offset.h.
#include <algorithm>
#include <cmath>
#include <limits>

#include "align/clock_offset.h"
#include "align/clock_runs.h"
#include "core/error.h"

namespace braid::align {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

std::vector<double> means(const Series& series) {
  const size_t C = static_cast<size_t>(series.channels);
  std::vector<double> sums(C, 0), counts(C, 0);
  for (size_t i = 0; i < series.values.size(); ++i) {
    if (std::isnan(series.values[i])) continue;
    sums[i % C] += series.values[i];
    ++counts[i % C];
  }
  for (size_t c = 0; c < C; ++c) sums[c] /= std::max(1.0, counts[c]);
  return sums;
}

}  // namespace

Series rms_envelope(const Series& series, int64_t window_ns, int64_t step_ns) {
  check(series);
  check_range(series.name, series.times_ns);
  BRAID_CHECK(window_ns > 0 && step_ns > 0, usage,
              "{}: envelope: expected a window and a step above 0, got {} and {}", series.name,
              format_duration(window_ns), format_duration(step_ns));
  Series envelope = {series.name, {}, 1, {}};
  if (series.size() == 0) return envelope;
  const size_t C = static_cast<size_t>(series.channels), N = series.times_ns.size();
  const std::vector<double> mean = means(series);
  std::vector<double> squares(N, 0), counts(N, 0);  // over channels
  for (size_t i = 0; i < N * C; ++i) {
    if (std::isnan(series.values[i])) continue;
    const double x = series.values[i] - mean[i % C];
    squares[i / C] += x * x;
    ++counts[i / C];
  }
  envelope.times_ns = regular_ticks(series.times_ns.front(), series.times_ns.back(), step_ns);
  size_t first = 0, end = 0;
  for (int64_t tick : envelope.times_ns) {
    while (end < N && series.times_ns[end] - tick <= window_ns / 2) ++end;
    while (first < end && tick - series.times_ns[first] > window_ns / 2) ++first;
    double sum = 0, count = 0;
    for (size_t i = first; i < end; ++i) {
      sum += squares[i];
      count += counts[i];
    }
    envelope.values.push_back(count > 0 ? std::sqrt(sum / count) : kMissing);
  }
  return envelope;
}

Series speed_envelope(const Series& series) {
  check(series);
  check_range(series.name, series.times_ns);
  const size_t C = static_cast<size_t>(series.channels);
  Series envelope = {series.name, {}, 1, {}};
  for (size_t i = 0; i + 1 < series.times_ns.size(); ++i) {
    const int64_t step = series.times_ns[i + 1] - series.times_ns[i];
    double sum = 0;
    for (size_t c = 0; c < C; ++c) {
      const double rise = series.values[(i + 1) * C + c] - series.values[i * C + c];
      sum += rise * rise;
    }
    envelope.times_ns.push_back(series.times_ns[i] + step / 2);
    envelope.values.push_back(std::sqrt(sum) / (static_cast<double>(step) * 1e-9));
  }
  // Steps of 1 ns have no middle: two of them would fall on one time.
  for (size_t i = 1; i < envelope.times_ns.size(); ++i)
    envelope.times_ns[i] = std::max(envelope.times_ns[i], envelope.times_ns[i - 1] + 1);
  return envelope;
}

}  // namespace braid::align
