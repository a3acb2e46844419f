#include "align/clock_runs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "align/timestamps.h"
#include "core/error.h"

namespace braid::align {
namespace {

constexpr int64_t kMostStray = 2;    // measurements of an excursion
constexpr int64_t kLeastOrder = 20;  // one negative step in so many, or the order says nothing

// Before a jump, to tell whether it is a gap.
constexpr size_t kStepsToTell = 1000;
constexpr int64_t kLeastToTell = 4;

struct Run {
  int64_t first, end;  // measurements
  int64_t low, high;   // times
  int64_t size() const { return end - first; }
};

int64_t median(std::vector<int64_t> values) {
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<int64_t> steps_above_zero(const std::vector<int64_t>& times_ns) {
  std::vector<int64_t> steps;
  for (size_t i = 1; i < times_ns.size(); ++i)
    if (times_ns[i] > times_ns[i - 1]) steps.push_back(times_ns[i] - times_ns[i - 1]);
  return steps;
}

// False where the order of arrival says nothing.
bool measure_steps(const std::vector<int64_t>& times_ns, double jump_factor, double jump_spreads,
                   ClockRuns* runs) {
  int64_t num_negative = 0;
  for (size_t i = 1; i < times_ns.size(); ++i) num_negative += times_ns[i] < times_ns[i - 1];
  const bool has_order =
      num_negative <= 2 || num_negative * kLeastOrder <= static_cast<int64_t>(times_ns.size());
  std::vector<int64_t> steps;
  if (has_order) {
    steps = steps_above_zero(times_ns);
  } else {
    std::vector<int64_t> sorted = times_ns;
    std::sort(sorted.begin(), sorted.end());
    steps = steps_above_zero(sorted);
  }
  if (steps.empty()) return false;
  runs->step_ns = median(steps);
  for (int64_t& step : steps) step = std::abs(step - runs->step_ns);
  runs->spread_ns = median(steps);
  const double step = static_cast<double>(runs->step_ns);
  const double jump =
      std::max(jump_factor * step, step + jump_spreads * static_cast<double>(runs->spread_ns));
  if (jump < 9e18) runs->jump_ns = static_cast<int64_t>(jump);
  return has_order;
}

std::vector<Run> split(const std::vector<int64_t>& times_ns, int64_t jump_ns) {
  std::vector<Run> parts;
  const int64_t N = static_cast<int64_t>(times_ns.size());
  for (int64_t first = 0, end; first < N; first = end) {
    const auto step_to = [&](int64_t i) {
      return times_ns[static_cast<size_t>(i)] - times_ns[static_cast<size_t>(i - 1)];
    };
    for (end = first + 1; end < N && step_to(end) >= 0 && step_to(end) <= jump_ns;) ++end;
    parts.push_back(
        {first, end, times_ns[static_cast<size_t>(first)], times_ns[static_cast<size_t>(end - 1)]});
  }
  return parts;
}

// The spans of time that an era's runs cover, joined where they meet.
class Covered {
 public:
  bool meets(const Run& run) const {
    const auto after = spans_.upper_bound(run.high);
    return after != spans_.begin() && std::prev(after)->second >= run.low;
  }
  void add(const Run& run) {
    int64_t low = run.low, high = run.high;
    for (auto after = spans_.upper_bound(high);
         after != spans_.begin() && std::prev(after)->second >= low;
         after = spans_.upper_bound(high)) {
      const auto met = std::prev(after);
      low = std::min(low, met->first);
      high = std::max(high, met->second);
      spans_.erase(met);
    }
    spans_[low] = high;
  }
  int64_t low() const { return spans_.begin()->first; }
  int64_t high() const { return spans_.rbegin()->second; }
  void clear() { spans_.clear(); }

 private:
  std::map<int64_t, int64_t> spans_;
};

bool goes_on(int64_t time_ns, int64_t next_ns, int64_t jump_ns) {
  return next_ns > time_ns && next_ns - time_ns <= jump_ns;
}

// A few measurements after which what was before goes on, and that nothing later goes on from.
bool is_excursion(const std::vector<Run>& parts, size_t k, int64_t before_ns, int64_t jump_ns) {
  if (parts[k].size() > kMostStray) return false;
  if (k + 1 == parts.size()) return parts[k].low < before_ns;
  if (!goes_on(before_ns, parts[k + 1].low, jump_ns)) return false;
  for (size_t later = k + 2; later < std::min(parts.size(), k + 4); ++later)
    if (goes_on(parts[k].high, parts[later].low, jump_ns)) return false;
  return true;
}

void assign_eras(const std::vector<Run>& parts, ClockRuns* runs) {
  Covered covered;
  covered.add(parts[0]);
  int64_t era = 0, before_ns = parts[0].high;
  for (size_t k = 1; k < parts.size(); ++k) {
    const Run& run = parts[k];
    int64_t its_era = era;
    if (is_excursion(parts, k, before_ns, runs->jump_ns)) {
      if (run.low < covered.low() || run.low > before_ns) its_era = -1;
    } else {
      const bool is_far_back = before_ns - run.low > runs->jump_ns;
      if (is_far_back && (run.low < covered.low() || covered.meets(run))) {
        its_era = ++era;
        covered.clear();
        runs->resets.push_back(run.first);
      }
      covered.add(run);
      before_ns = covered.high();
    }
    std::fill(runs->eras.begin() + run.first, runs->eras.begin() + run.end, its_era);
  }
}

}  // namespace

bool is_forward_step(const ClockRuns& runs, const std::vector<int64_t>& times_ns,
                     const std::vector<int64_t>& order, size_t i) {
  const auto time = [&](size_t k) { return times_ns[static_cast<size_t>(order[k])]; };
  size_t first = i - 1;
  while (first > 0 && i - first <= kStepsToTell && time(first) - time(first - 1) >= 0 &&
         time(first) - time(first - 1) <= runs.jump_ns)
    --first;
  int64_t num_steps = 0;
  for (size_t k = first + 1; k < i; ++k) num_steps += time(k) > time(k - 1);
  if (num_steps < kLeastToTell) return false;
  const double n = static_cast<double>(num_steps);
  const double step = static_cast<double>(time(i - 1) - time(first)) / n;
  const double noise = 1.5 * static_cast<double>(runs.spread_ns) + 1;
  const double jump = static_cast<double>(time(i) - time(i - 1));
  const double missing = std::round(jump / step);
  const double uncertainty = missing * 2 * noise / n + 3 * noise;
  return uncertainty < 0.1 * step && std::abs(jump - missing * step) > 0.1 * step;
}

void check_range(const std::string& name, const std::vector<int64_t>& times_ns) {
  for (size_t i = 0; i < times_ns.size(); ++i)
    BRAID_CHECK(times_ns[i] >= -kFarthestNs && times_ns[i] <= kFarthestNs, data,
                "{}: measurement {}: expected a time within 146 years, got {} ns; is its unit ns?",
                name, i + 1, times_ns[i]);
}

ClockRuns find_runs(const std::string& name, const std::vector<int64_t>& times_ns,
                    double jump_factor, double jump_spreads) {
  check_range(name, times_ns);
  ClockRuns runs;
  runs.eras.assign(times_ns.size(), 0);
  if (measure_steps(times_ns, jump_factor, jump_spreads, &runs))
    assign_eras(split(times_ns, runs.jump_ns), &runs);
  int64_t era = -1, newest = 0;
  for (size_t i = 0; i < times_ns.size(); ++i) {
    if (runs.eras[i] < 0) {
      runs.strays.push_back(static_cast<int64_t>(i));
    } else if (runs.eras[i] > era || times_ns[i] >= newest) {
      era = runs.eras[i];
      newest = times_ns[i];
    } else {
      runs.late.push_back(static_cast<int64_t>(i));
      runs.back_ns.push_back(newest - times_ns[i]);
    }
  }
  return runs;
}

std::vector<int64_t> ascending(const ClockRuns& runs, const std::vector<int64_t>& times_ns) {
  std::vector<int64_t> order;
  for (size_t i = 0; i < times_ns.size(); ++i)
    if (runs.eras[i] >= 0) order.push_back(static_cast<int64_t>(i));
  std::stable_sort(order.begin(), order.end(), [&](int64_t x, int64_t y) {
    const size_t i = static_cast<size_t>(x), j = static_cast<size_t>(y);
    return runs.eras[i] != runs.eras[j] ? runs.eras[i] < runs.eras[j] : times_ns[i] < times_ns[j];
  });
  return order;
}

}  // namespace braid::align
