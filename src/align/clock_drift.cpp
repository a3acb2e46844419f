#include "align/clock_drift.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "align/clock_pairs.h"
#include "align/clock_runs.h"
#include "core/error.h"

namespace braid::align {
namespace {

constexpr int64_t kMostWindows = 100000;
constexpr size_t kRecent = 3;  // reliable windows around whose median the next one searches

// Rows whose times lie in [first, last].
Series part_of(const Series& series, int64_t first_ns, int64_t last_ns) {
  const auto begin = std::lower_bound(series.times_ns.begin(), series.times_ns.end(), first_ns);
  const auto end =
      std::max(begin, std::upper_bound(series.times_ns.begin(), series.times_ns.end(), last_ns));
  const auto from = begin - series.times_ns.begin(), to = end - series.times_ns.begin();
  return {series.name, {begin, end}, 1, {series.values.begin() + from, series.values.begin() + to}};
}

int64_t median_of_last(const std::vector<int64_t>& offsets_ns, int64_t otherwise) {
  if (offsets_ns.empty()) return otherwise;
  std::vector<int64_t> last(
      offsets_ns.end() - static_cast<int64_t>(std::min(kRecent, offsets_ns.size())),
      offsets_ns.end());
  std::sort(last.begin(), last.end());
  return last[last.size() / 2];
}

void check_windows(const Series& a, const WindowOptions& options, int64_t hop_ns) {
  BRAID_CHECK(options.window_ns > 0 && options.window_ns <= INT64_MAX / 4 && hop_ns > 0 &&
                  hop_ns <= INT64_MAX / 4,
              usage, "drift: expected a window and a hop above 0 and below 73 years, got {} and {}",
              format_duration(options.window_ns), format_duration(hop_ns));
  if (a.size() == 0) return;
  const int64_t num_windows = (a.times_ns.back() - a.times_ns.front()) / hop_ns;
  BRAID_CHECK(num_windows < kMostWindows, usage,
              "{}: drift: expected at most {} windows, got {}; take a longer hop", a.name,
              kMostWindows, num_windows);
}

void check_drift(double drift) {
  BRAID_CHECK(std::isfinite(drift) && drift > -1, usage,
              "clock: expected a drift above -1, got {}; 20 ppm are 2e-5", drift);
}

}  // namespace

int64_t ClockLine::at(int64_t a_ns) const {
  const double since = static_cast<double>(a_ns) - static_cast<double>(reference_ns);
  const bool is_near = std::abs(since) < 9e15;  // 104 days: exact in doubles
  const double exact = is_near ? static_cast<double>(a_ns - reference_ns) : since;
  const double moved = drift * exact;
  int64_t time = 0;
  const bool is_beyond = !(std::abs(moved) < 9e18) ||
                         __builtin_add_overflow(a_ns, offset_ns, &time) ||
                         __builtin_add_overflow(time, std::llround(moved), &time);
  BRAID_CHECK(!is_beyond, data, "clock: expected a time within 292 years, got {} ns {:+.6g} ns",
              a_ns, static_cast<double>(offset_ns) + moved);
  return time;
}

ClockLine inverse(const ClockLine& line) {
  check_drift(line.drift);
  ClockLine back;
  back.reference_ns = saturating_add(line.reference_ns, line.offset_ns);
  back.offset_ns = line.offset_ns == INT64_MIN ? INT64_MAX : -line.offset_ns;
  back.drift = -line.drift / (1 + line.drift);
  return back;
}

Series apply_clock(const Series& series, const ClockLine& line) {
  check(series);
  check_drift(line.drift);
  Series mapped = series;
  for (int64_t& time : mapped.times_ns) time = line.at(time);
  check(mapped);
  return mapped;
}

Series apply_clock(const Series& series, int64_t offset_ns, double drift) {
  return apply_clock(series,
                     ClockLine{series.times_ns.empty() ? 0 : series.times_ns[0], offset_ns, drift});
}

DriftFit fit_drift(const std::vector<int64_t>& a_ns, const std::vector<int64_t>& b_ns,
                   const DriftOptions& options) {
  return fit_middle(pairs_of(a_ns, b_ns), options);
}

DriftFit fit_drift_below(const std::vector<int64_t>& a_ns, const std::vector<int64_t>& b_ns,
                         const DriftOptions& options) {
  return fit_below(pairs_of(a_ns, b_ns), options);
}

WindowedDrift find_drift(const Series& a, const Series& b, const WindowOptions& options) {
  const int64_t hop_ns = options.hop_ns != 0 ? options.hop_ns : options.window_ns;
  for (const Series* x : {&a, &b}) {
    check(*x);
    check_range(x->name, x->times_ns);
    BRAID_CHECK(x->channels == 1, shape,
                "{}: channels: expected 1, got {}; take an envelope of all", x->name, x->channels);
  }
  check_windows(a, options, hop_ns);
  WindowedDrift found;
  std::vector<int64_t> middles, there, offsets;
  const int64_t last = a.size() > 0 ? a.times_ns.back() : 0;
  int64_t first = a.size() > 0 ? a.times_ns.front() : 1;
  for (; first <= last; first += hop_ns) {
    if (!found.windows.empty() && last - first < options.window_ns / 2) break;
    OffsetOptions how = options.offset;
    how.expected_ns = median_of_last(offsets, how.expected_ns);
    const Series part_a = part_of(a, first, first + options.window_ns);
    const int64_t start = saturating_add(first, how.expected_ns);
    const Series part_b =
        part_of(b, saturating_add(start, -how.max_offset_ns),
                saturating_add(saturating_add(start, options.window_ns), how.max_offset_ns));
    const int64_t middle =
        part_a.size() > 0 ? part_a.times_ns[0] + (part_a.times_ns.back() - part_a.times_ns[0]) / 2
                          : first + options.window_ns / 2;
    found.windows.push_back({middle, find_offset(part_a, part_b, how)});
    const Offset& offset = found.windows.back().offset;
    if (!offset.is_reliable) continue;
    offsets.push_back(offset.offset_ns);
    middles.push_back(middle);
    there.push_back(saturating_add(middle, offset.offset_ns));
  }
  found.fit = fit_drift(middles, there, options.fit);
  if (!found.fit.is_reliable)
    found.fit.reason += fmt::format("; {} of {} windows have a reliable offset", middles.size(),
                                    found.windows.size());
  return found;
}

}  // namespace braid::align
