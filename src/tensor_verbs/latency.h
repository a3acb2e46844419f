// How long calls take: many of them, one after the other, as percentiles.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

namespace braid::tensor_verbs {

/// Nearest rank: the smallest of `sorted` that at least `percent` of them do not exceed, entry
/// number ceil(percent / 100 * size) counted from 1. Missing  NaN where `sorted` is empty.
double percentile(const std::vector<double>& sorted, double percent);

/// p99 is the slowest one of fewer calls than this, and means nothing.
constexpr int64_t kCallsForP99 = 100;

struct Latency {
  double p50_ms = 0, p90_ms = 0;
  double p99_ms = 0;  // NaN below kCallsForP99 calls
  double calls_per_s = 0;
  int64_t num_calls = 0;
};

/// Of durations in seconds, in any order. Errors: internal, where there are none.
Latency summarize(std::vector<double> durations_s);

/// Calls `call(0)`, `call(1)`, ... for `seconds`, at least `at_least` times, and gives each call's
/// duration in seconds. Ends early once `is_stopped` says so.
std::vector<double> time_calls(const std::function<void(int64_t)>& call, double seconds,
                               int64_t at_least, const std::function<bool()>& is_stopped);

/// Seconds since this process was started, before its program and libraries were loaded, to within
/// 10 ms; NaN where the system does not say.
double seconds_since_start();

}  // namespace braid::tensor_verbs
