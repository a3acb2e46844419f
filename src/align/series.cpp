#include "align/series.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "align/timestamps.h"
#include "core/error.h"

namespace braid::align {
namespace {

constexpr int64_t kMostTicks = int64_t{1} << 31;

// From the largest on.
const std::pair<const char*, double> kUnits[] = {{"h", 3600e9}, {"min", 60e9}, {"s", 1e9},
                                                 {"ms", 1e6},   {"us", 1e3},   {"ns", 1}};

}  // namespace

void check(const Series& series) {
  const size_t N = series.times_ns.size();
  BRAID_CHECK(series.channels >= 1, shape, "{}: channels: expected at least 1, got {}", series.name,
              series.channels);
  BRAID_CHECK(series.values.size() == N * static_cast<size_t>(series.channels), shape,
              "{}: values: expected [{}, {}], got {} numbers", series.name, N, series.channels,
              series.values.size());
  for (const int64_t time : series.times_ns)
    BRAID_CHECK(time >= -kFarthestNs && time <= kFarthestNs, data,
                "{}: expected times within 146 years of 0, got {} ns; is its unit ns?", series.name,
                time);
  for (size_t i = 1; i < N; ++i)
    BRAID_CHECK(series.times_ns[i] > series.times_ns[i - 1], data,
                "{}: measurement {}: expected a time after that of the one before, got {} earlier; "
                "sort the times and drop duplicates first (repair_times)",
                series.name, i + 1, format_duration(series.times_ns[i - 1] - series.times_ns[i]));
  for (size_t i = 0; i < series.values.size(); ++i)
    BRAID_CHECK(!std::isinf(series.values[i]), data,
                "{}: measurement {}: expected a number or NaN, got infinity", series.name,
                i / static_cast<size_t>(series.channels) + 1);
}

int64_t median_step(const std::vector<int64_t>& times_ns) {
  if (times_ns.size() < 2) return 0;
  std::vector<int64_t> steps;
  steps.reserve(times_ns.size() - 1);
  for (size_t i = 1; i < times_ns.size(); ++i) steps.push_back(times_ns[i] - times_ns[i - 1]);
  const auto middle = steps.begin() + static_cast<int64_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return *middle;
}

std::vector<int64_t> regular_ticks(int64_t first_ns, int64_t last_ns, int64_t step_ns) {
  BRAID_CHECK(step_ns > 0, usage, "ticks: expected a step above 0, got {} ns", step_ns);
  BRAID_CHECK(last_ns >= first_ns, usage,
              "ticks: expected an end that is not before the start, got one {} before it",
              format_duration(saturating_sub(first_ns, last_ns)));
  const uint64_t span = static_cast<uint64_t>(last_ns) - static_cast<uint64_t>(first_ns);
  const uint64_t num_steps = span / static_cast<uint64_t>(step_ns);
  BRAID_CHECK(
      num_steps < static_cast<uint64_t>(kMostTicks), usage,
      "ticks: expected at most {} of them, got {} steps; take a longer step or a shorter span",
      kMostTicks, num_steps);
  std::vector<int64_t> ticks(num_steps + 1);
  for (uint64_t i = 0; i <= num_steps; ++i) ticks[i] = first_ns + static_cast<int64_t>(i) * step_ns;
  return ticks;
}

int64_t saturating_add(int64_t a, int64_t b) {
  int64_t result;
  if (!__builtin_add_overflow(a, b, &result)) return result;
  return b > 0 ? INT64_MAX : INT64_MIN;
}

int64_t saturating_sub(int64_t a, int64_t b) {
  int64_t result;
  if (!__builtin_sub_overflow(a, b, &result)) return result;
  return b > 0 ? INT64_MIN : INT64_MAX;
}

int64_t nearest_whole(double x) { return std::llround(std::clamp(x, -9.2e18, 9.2e18)); }

std::string seconds_text(int64_t ns) {
  const bool is_negative = ns < 0;
  const uint64_t size =
      is_negative ? uint64_t{0} - static_cast<uint64_t>(ns) : static_cast<uint64_t>(ns);
  std::string text =
      fmt::format("{}{}.{:09}", is_negative ? "-" : "", size / 1000000000, size % 1000000000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string format_duration(int64_t ns) {
  const double value = static_cast<double>(ns);
  for (const auto& [name, size] : kUnits)
    if (std::abs(value) >= size && size <= 1e9) return fmt::format("{:.6g} {}", value / size, name);
  return fmt::format("{} ns", ns);
}

int64_t parse_duration(const std::string& text, const std::string& where) {
  const char* begin = text.c_str();
  char* end = nullptr;
  const double number = std::strtod(begin, &end);
  std::string unit = end;
  unit.erase(0, unit.find_first_not_of(' ') == std::string::npos ? unit.size()
                                                                 : unit.find_first_not_of(' '));
  if (unit.empty()) unit = "s";
  const auto found = std::find_if(std::begin(kUnits), std::end(kUnits),
                                  [&](const auto& entry) { return unit == entry.first; });
  BRAID_CHECK(end != begin && std::isfinite(number) && found != std::end(kUnits), usage,
              "{}: expected a duration such as 20ms, 1.5s, 40us or 2min, got \"{}\"", where, text);
  const double ns = std::round(number * found->second);
  BRAID_CHECK(std::abs(ns) < 9.2e18, usage, "{}: expected less than 292 years, got \"{}\"", where,
              text);
  return static_cast<int64_t>(ns);
}

}  // namespace braid::align
