#include "align/clock_check.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "align/clock_runs.h"
#include "core/error.h"

namespace braid::align {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kMostPlaces = 10;
constexpr double kRegular = 0.1;  // spread over step, up to which a step of k medians counts as k
constexpr double kUneven = 0.5;   // beyond, the steps say nothing about what is missing

const char* const kFaults[] = {"unordered", "duplicated", "bursts",       "stuck",
                               "stray",     "gap",        "forward_step", "backward_step",
                               "overlap",   "rate",       "coverage"};
const char* const kActions[] = {"reordered", "moved", "dropped", "averaged"};

// Measurements of one time in one era: places first, ..., first + count - 1 of the order.
struct Group {
  int64_t time_ns;
  int64_t era;
  size_t first;
  int64_t count;
};

// What the parts of the check share.
struct Checked {
  const std::string& name;
  const std::vector<int64_t>& times_ns;
  const TimeCheckOptions& options;
  ClockRuns runs;
  std::vector<int64_t> order;
  std::vector<Group> groups;
  int64_t usual_count = 1;  // of a group

  bool is_jump(size_t g) const {  // before group g
    return groups[g].era == groups[g - 1].era &&
           groups[g].time_ns - groups[g - 1].time_ns > runs.jump_ns;
  }
};

void check_options(const TimeCheckOptions& options) {
  BRAID_CHECK(std::isfinite(options.rate_hz) && options.rate_hz >= 0, usage,
              "rate: expected a number of Hz, or 0 for an unknown one, got {}", options.rate_hz);
  BRAID_CHECK(options.jump_factor > 1 && options.jump_spreads >= 0, usage,
              "jumps: expected a factor above 1 and 0 or more deviations, got {} and {}",
              options.jump_factor, options.jump_spreads);
  BRAID_CHECK(options.stuck_count >= 2, usage, "stuck count: expected at least 2, got {}",
              options.stuck_count);
}

std::vector<Group> group(const ClockRuns& runs, const std::vector<int64_t>& order,
                         const std::vector<int64_t>& times_ns) {
  std::vector<Group> groups;
  for (size_t k = 0; k < order.size(); ++k) {
    const size_t i = static_cast<size_t>(order[k]);
    if (groups.empty() || groups.back().era != runs.eras[i] || groups.back().time_ns != times_ns[i])
      groups.push_back({times_ns[i], runs.eras[i], k, 0});
    ++groups.back().count;
  }
  return groups;
}

int64_t median_count(const std::vector<Group>& groups) {
  std::vector<int64_t> counts;
  for (const Group& g : groups) counts.push_back(g.count);
  if (counts.empty()) return 1;
  const auto middle = counts.begin() + static_cast<int64_t>(counts.size() / 2);
  std::nth_element(counts.begin(), middle, counts.end());
  return *middle;
}

// Adds a finding where there are places: `message` is what stands after "name: times: ".
void add(const Checked& checked, TimeFault fault, int64_t count, std::vector<int64_t> places,
         int64_t largest_ns, const std::string& message, TimeCheck* check) {
  if (count == 0) return;
  std::sort(places.begin(), places.end());
  const std::string where =
      places.empty() ? "" : fmt::format(" (first at measurement {})", places[0] + 1);
  if (places.size() > kMostPlaces) places.resize(kMostPlaces);
  check->findings.push_back({fault, count, places, largest_ns,
                             fmt::format("{}: times{}: {}", checked.name, where, message)});
}

int64_t largest(const std::vector<int64_t>& lengths_ns) {
  return lengths_ns.empty() ? 0 : *std::max_element(lengths_ns.begin(), lengths_ns.end());
}

void find_order(const Checked& c, TimeCheck* check) {
  const ClockRuns& runs = c.runs;
  const size_t N = c.times_ns.size();
  add(c, TimeFault::unordered, static_cast<int64_t>(runs.late.size()), runs.late,
      largest(runs.back_ns),
      fmt::format("expected ascending times, got {} of {} that go back, by {} at most; "
                  "repair_times sorts them",
                  runs.late.size(), N, format_duration(largest(runs.back_ns))),
      check);
  add(c, TimeFault::stray, static_cast<int64_t>(runs.strays.size()), runs.strays, 0,
      fmt::format("expected times near their neighbours', got {} apart from them; repair_times "
                  "drops them",
                  runs.strays.size()),
      check);
}

void find_equal(const Checked& c, TimeCheck* check) {
  std::vector<int64_t> duplicates, stuck;
  int64_t longest = 0;
  const bool has_bursts = c.usual_count > 1;
  for (const Group& g : c.groups) {
    const bool is_stuck = g.count >= c.options.stuck_count && g.count > 3 * c.usual_count;
    if (is_stuck) longest = std::max(longest, g.count);
    for (int64_t k = 1; k < g.count && (is_stuck || !has_bursts); ++k)
      (is_stuck ? stuck : duplicates).push_back(c.order[g.first + static_cast<size_t>(k)]);
  }
  add(c, TimeFault::duplicated, static_cast<int64_t>(duplicates.size()), duplicates, 0,
      fmt::format("expected one measurement a time, got {} whose time another has; repair_times "
                  "keeps one of each",
                  duplicates.size()),
      check);
  add(c, TimeFault::stuck, static_cast<int64_t>(stuck.size()), stuck, 0,
      fmt::format("expected a clock that runs, got up to {} measurements of one time; look at the "
                  "device's clock",
                  longest),
      check);
  if (has_bursts)
    add(c, TimeFault::bursts, static_cast<int64_t>(c.groups.size()), {}, 0,
        fmt::format("expected one measurement a time, got packets of {} or so; repair_times with "
                    "EqualTimes::spread spaces them evenly",
                    c.usual_count),
        check);
}

void find_jumps(const Checked& c, TimeCheck* check) {
  std::vector<int64_t> gaps, steps, gap_lengths, step_lengths;
  for (size_t g = 1; g < c.groups.size(); ++g) {
    if (!c.is_jump(g)) continue;
    const bool is_step = is_forward_step(c.runs, c.times_ns, c.order, c.groups[g].first);
    (is_step ? steps : gaps).push_back(c.order[c.groups[g].first]);
    (is_step ? step_lengths : gap_lengths).push_back(c.groups[g].time_ns - c.groups[g - 1].time_ns);
  }
  add(c, TimeFault::gap, static_cast<int64_t>(gaps.size()), gaps, largest(gap_lengths),
      fmt::format("expected a measurement every {}, got {} gaps, the longest {}; choose a gap "
                  "policy when aligning",
                  format_duration(c.runs.step_ns), gaps.size(),
                  format_duration(largest(gap_lengths))),
      check);
  add(c, TimeFault::forward_step, static_cast<int64_t>(steps.size()), steps, largest(step_lengths),
      fmt::format("expected whole steps of {}, got {} jumps forwards between them, the longest {}: "
                  "a clock that was set, or a device that restarted; repair_times can close them",
                  format_duration(c.runs.step_ns), steps.size(),
                  format_duration(largest(step_lengths))),
      check);
}

void find_resets(const Checked& c, TimeCheck* check) {
  std::vector<int64_t> back_ns, overlapping;
  std::vector<int64_t> low, high;  // of the eras
  for (size_t i = 0; i < c.times_ns.size(); ++i) {
    if (c.runs.eras[i] < 0) continue;
    const int64_t time = c.times_ns[i];
    const size_t era = static_cast<size_t>(c.runs.eras[i]);
    if (era == low.size()) {
      if (era > 0) back_ns.push_back(high[era - 1] - time);
      low.push_back(time);
      high.push_back(time);
    }
    for (size_t before = era; before-- > 0 && era - before <= kMostPlaces;)
      if (time >= low[before] && time <= high[before]) {
        overlapping.push_back(static_cast<int64_t>(i));
        break;
      }
    low[era] = std::min(low[era], time);
    high[era] = std::max(high[era], time);
  }
  add(c, TimeFault::backward_step, static_cast<int64_t>(back_ns.size()), c.runs.resets,
      largest(back_ns),
      fmt::format("expected a clock that runs on, got {} resets, by {} at most; repair_times can "
                  "close them, or split the stream there",
                  back_ns.size(), format_duration(largest(back_ns))),
      check);
  add(c, TimeFault::overlap, static_cast<int64_t>(overlapping.size()), overlapping, 0,
      fmt::format("expected each time once, got {} measurements after a reset inside time that "
                  "was already measured; close the reset or split the stream there",
                  overlapping.size()),
      check);
}

void measure_rate(const Checked& c, TimeCheck* check) {
  const double step = static_cast<double>(c.runs.step_ns);
  const double spread = static_cast<double>(c.runs.spread_ns) / std::max(1.0, step);
  const double size = check->burst_size, nominal = c.options.rate_hz;
  double steps = 0, counted_ns = 0, span_ns = 0;  // exact up to 104 days
  for (size_t g = 1; g < c.groups.size(); ++g) {
    if (c.groups[g].era != c.groups[g - 1].era) continue;
    const double length = static_cast<double>(c.groups[g].time_ns - c.groups[g - 1].time_ns);
    if (!c.is_jump(g)) {
      counted_ns += length;
      steps += spread <= kRegular ? std::max(1.0, std::round(length / step)) : 1;
    }
    if (!c.is_jump(g) || !is_forward_step(c.runs, c.times_ns, c.order, c.groups[g].first))
      span_ns += length;
  }
  if (steps == 0) return;
  check->measured_hz = steps * size * 1e9 / counted_ns;
  if (nominal > 0) {
    check->rate_error_ppm = (check->measured_hz - nominal) / nominal * 1e6;
    if (check->num_eras == 1)
      check->end_error_ns =
          static_cast<double>(c.groups.back().time_ns - c.groups.front().time_ns) -
          static_cast<double>(c.groups.size() - 1) * size / nominal * 1e9;
  }
  if (nominal == 0 && spread > kUneven) return;
  const double rate = nominal > 0 ? nominal : check->measured_hz;
  const double expected = span_ns * rate * 1e-9 + static_cast<double>(check->num_eras) * size;
  check->coverage = static_cast<double>(c.groups.size()) * size / expected;
}

void find_rate(const Checked& c, TimeCheck* check) {
  if (std::abs(check->rate_error_ppm) > c.options.most_rate_ppm)
    add(c, TimeFault::rate, 1, {}, 0,
        fmt::format(
            "expected {:.9g} Hz, got {:.9g} Hz, {:+.0f} ppm, {} a minute; trust the times, or "
            "correct the rate",
            c.options.rate_hz, check->measured_hz, check->rate_error_ppm,
            format_duration(
                std::llround(std::clamp(check->rate_error_ppm * 60e3, -9.2e18, 9.2e18)))),
        check);
  if (check->coverage < c.options.least_coverage)
    add(c, TimeFault::coverage, 1, {}, 0,
        fmt::format("expected {:.3g} % of the measurements, got {:.3g} %; look for lost packets",
                    100 * c.options.least_coverage, 100 * check->coverage),
        check);
}

}  // namespace

const char* to_string(TimeFault fault) { return kFaults[static_cast<int>(fault)]; }

const char* to_string(RepairAction action) { return kActions[static_cast<int>(action)]; }

const TimeFinding* TimeCheck::find(TimeFault fault) const {
  for (const TimeFinding& finding : findings)
    if (finding.fault == fault) return &finding;
  return nullptr;
}

TimeCheck check_times(const std::string& name, const std::vector<int64_t>& times_ns,
                      const TimeCheckOptions& options) {
  check_options(options);
  Checked c = {name, times_ns, options, {}, {}, {}};
  c.runs = find_runs(name, times_ns, options.jump_factor, options.jump_spreads);
  c.order = ascending(c.runs, times_ns);
  c.groups = group(c.runs, c.order, times_ns);
  c.usual_count = median_count(c.groups);
  TimeCheck check;
  check.num_times = static_cast<int64_t>(times_ns.size());
  check.step_ns = c.runs.step_ns;
  check.spread_ns = c.runs.spread_ns;
  check.num_eras = c.groups.empty() ? 0 : c.groups.back().era + 1;
  if (c.usual_count > 1)
    check.burst_size = static_cast<double>(c.order.size()) / static_cast<double>(c.groups.size());
  check.measured_hz = check.rate_error_ppm = check.end_error_ns = check.coverage = kUnknown;
  find_order(c, &check);
  find_equal(c, &check);
  find_jumps(c, &check);
  find_resets(c, &check);
  measure_rate(c, &check);
  find_rate(c, &check);
  return check;
}

}  // namespace braid::align
