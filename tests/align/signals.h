// Streams whose truth is known, for the tests of alignment.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "align/align.h"
#include "core/rng.h"

namespace braid::align::signals {

constexpr double kPi = 3.14159265358979323846;
constexpr int64_t kSecond = 1000000000, kMs = 1000000;

using Signal = std::function<double(double seconds)>;

inline Series sampled(const Signal& signal, const std::vector<int64_t>& times_ns) {
  Series series;
  series.name = "signal";
  series.times_ns = times_ns;
  for (int64_t time : times_ns) series.values.push_back(signal(static_cast<double>(time) * 1e-9));
  return series;
}

inline Series series(const std::vector<int64_t>& times_ns, const std::vector<double>& values) {
  return {"signal", times_ns, 1, values};
}

/// Steps of `step_ns` +- `share` of it, seeded.
inline std::vector<int64_t> uneven_times(int64_t count, int64_t step_ns, double share,
                                         uint64_t seed = 1) {
  Rng random(seed);
  std::vector<int64_t> times;
  for (int64_t i = 0; i < count; ++i)
    times.push_back(i * step_ns + static_cast<int64_t>((random.uniform() - 0.5) * share *
                                                       static_cast<double>(step_ns)));
  return times;
}

/// The greatest distance from the truth over ticks that have a value, leaving out `margin_ns` at
/// both ends of the ticks. Some tick has to have one.
inline double worst_error(const Aligned& aligned, const std::vector<int64_t>& ticks_ns,
                          const Signal& truth, int64_t margin_ns = 0) {
  double worst = 0;
  int64_t compared = 0;
  for (size_t t = 0; t < ticks_ns.size(); ++t) {
    if (ticks_ns[t] < ticks_ns.front() + margin_ns || ticks_ns[t] > ticks_ns.back() - margin_ns)
      continue;
    if (aligned.origins[t] == Origin::missing) continue;
    worst = std::max(worst,
                     std::abs(aligned.values[t] - truth(static_cast<double>(ticks_ns[t]) * 1e-9)));
    ++compared;
  }
  EXPECT_GT(compared, 0);
  return worst;
}

inline std::vector<double> values_at(const char* method, const Series& series,
                                     const std::vector<int64_t>& ticks_ns,
                                     const Options& options = {}) {
  return align(series, find(method), ticks_ns, options).values;
}

/// The same numbers, NaN equal to NaN.
inline void expect_values(const std::vector<double>& given, const std::vector<double>& expected) {
  ASSERT_EQ(given.size(), expected.size());
  for (size_t i = 0; i < given.size(); ++i)
    if (std::isnan(expected[i]))
      EXPECT_TRUE(std::isnan(given[i])) << "at " << i << ": " << given[i];
    else
      EXPECT_DOUBLE_EQ(given[i], expected[i]) << "at " << i;
}

}  // namespace braid::align::signals
