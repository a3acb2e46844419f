// Measurements of one stream in the order of time, and what its clock may look like.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace braid::align {

/// No time: of a measurement that is not there.
constexpr int64_t kNever = INT64_MIN;

/// N measurements of C channels. Irregular in time or not.
struct Series {
  std::string name;               // opens messages: "S02/EDA.csv"
  std::vector<int64_t> times_ns;  // (N) ascending; since 1970 (UTC), or since the recording's start
  int64_t channels = 1;
  std::vector<double> values;  // (N, C) row-major; NaN = a gap in that channel

  int64_t size() const { return static_cast<int64_t>(times_ns.size()); }
};

/// Errors   shape: `values` is not (N, C), or C is below 1. data: times that do not ascend
///          strictly, naming the first place, or lie beyond 146 years of 0; infinite values.
void check(const Series& series);

/// The median step between neighbours, ns; 0 of fewer than two.
int64_t median_step(const std::vector<int64_t>& times_ns);

/// first, first + step, ..., as long as it is not after `last`.
///
/// Errors   usage: step not above 0, last before first, or more than 2^31 ticks.
std::vector<int64_t> regular_ticks(int64_t first_ns, int64_t last_ns, int64_t step_ns);

/// a + b and a - b, kept within int64_t: INT64_MAX stands for "no limit".
int64_t saturating_add(int64_t a, int64_t b);
int64_t saturating_sub(int64_t a, int64_t b);

/// The nearest whole number that int64_t has. x is not NaN.
int64_t nearest_whole(double x);

inline double seconds(int64_t ns) { return static_cast<double>(ns) * 1e-9; }

/// Whole seconds with as many decimals as the ns need, for files: nothing is rounded.
std::string seconds_text(int64_t ns);

/// "1.25 s", "20 ms", "3 us", "17 ns": the largest unit in which it is at least 1.
std::string format_duration(int64_t ns);
/// "20ms", "1.5 s", "40us", "500ns", "2min", "1h"; a bare number is seconds.
///
/// Errors   usage, opened by `where`: no number, an unknown unit, beyond 292 years.
int64_t parse_duration(const std::string& text, const std::string& where);

}  // namespace braid::align
