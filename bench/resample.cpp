// Alignment methods: measurements a second beside what reading and writing them once would take.
// Prints CSV.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "align/align.h"
#include "bench/commit.h"
#include "bench/thread_time.h"
#include "core/error.h"
#include "core/rng.h"

namespace braid::bench {
namespace {

using namespace align;

constexpr int64_t kSecond = 1000000000;
constexpr double kRate_hz = 64;

// A slow wave at 64 Hz; uneven: every time is up to a third of a step early or late.
Series make_series(int64_t size, bool is_even) {
  Series series;
  series.name = "wave";
  Rng random(1);
  for (int64_t i = 0; i < size; ++i) {
    const double off = is_even ? 0 : random.uniform(-1.0 / 3, 1.0 / 3);
    const double time_s = (static_cast<double>(i) + off) / kRate_hz;
    series.times_ns.push_back(static_cast<int64_t>(std::llround(time_s * kSecond)));
    series.values.push_back(std::sin(0.7 * time_s));
  }
  return series;
}

std::vector<int64_t> make_ticks(const Series& series, double rate_hz) {
  const auto step_ns = static_cast<int64_t>(kSecond / rate_hz);
  return regular_ticks(series.times_ns.front(), series.times_ns.back(), step_ns);
}

// A local method's answer from 64 measurements around a tick is that of the whole; another one's is
// the wave itself, away from the ends.
void check_values(const Method& method, const Series& series, const std::vector<int64_t>& ticks,
                  const Options& options, const Aligned& whole) {
  for (size_t t = ticks.size() / 4; t < 3 * ticks.size() / 4; t += ticks.size() / 97 + 1) {
    double expected = std::sin(0.7 * seconds(ticks[t])), allowed = 2e-2;
    if (method.is_local) {
      const auto after = std::lower_bound(series.times_ns.begin(), series.times_ns.end(), ticks[t]);
      const auto middle = after - series.times_ns.begin();
      Series near;
      near.times_ns.assign(after - 32, after + 32);
      near.values.assign(series.values.begin() + middle - 32, series.values.begin() + middle + 32);
      expected = align::align(near, method, {ticks[t]}, options).values[0];
      allowed = 1e-12;
    }
    BRAID_CHECK(std::fabs(whole.values[t] - expected) <= allowed, internal,
                "{}: tick {}: expected {}, got {}", method.name, t, expected, whole.values[t]);
  }
}

void measure(const Method& method, int64_t size, bool is_even, double rate_hz, double bytes_per_s) {
  const Series series = make_series(size, is_even);
  const std::vector<int64_t> ticks = make_ticks(series, rate_hz);
  Options options;
  options.tolerance_ns = kSecond;
  options.window_ns = kSecond / 20;
  check_values(method, series, ticks, options, align::align(series, method, ticks, options));
  const double median =
      median_s([&] { return align::align(series, method, ticks, options).values[0]; });
  // A time and a value of each measurement; of each tick its time, value, origin and time used.
  const double bytes = 16.0 * static_cast<double>(size) + 25.0 * static_cast<double>(ticks.size());
  const double bound_s = bytes / bytes_per_s;
  fmt::print("{},{},{},{:g},{:.4g},{:.2f},{:.2f},{:.3f},{}\n", method.name, size,
             is_even ? "even" : "uneven", rate_hz, static_cast<double>(size) / median,
             1e9 * median / static_cast<double>(size), 1e9 * bound_s / static_cast<double>(size),
             bound_s / median, commit());
  std::fflush(stdout);
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  const bool is_smallest = argc > 1 && std::strcmp(argv[1], "--smallest") == 0;
  try {
    const double bytes_per_s = braid::bench::copy_bytes_per_s();
    fmt::print(
        "method,measurements,steps,rate_hz,measurements_per_s,ns_each,bound_ns_each,of_bound,"
        "commit\n");
    for (const braid::align::Method* method : braid::align::methods())
      for (const bool is_even : {true, false})
        for (const double rate_hz : {25.0, 256.0})
          braid::bench::measure(*method, is_smallest ? 4096 : 1000000, is_even, rate_hz,
                                bytes_per_s);
  } catch (const braid::Error& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
