// repair_times: every way in which a measurement is dropped, moved or merged leaves a TimeChange.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "align/clock_check.h"
#include "align/clock_runs.h"
#include "core/error.h"

namespace braid::align {
namespace {

// The times as they change, and what is kept.
struct Repair {
  const Series& given;
  const RepairPolicy& policy;
  ClockRuns runs;
  std::vector<int64_t> times_ns;  // (N) of the given measurements
  RepairedTimes done;

  int64_t time(int64_t i) const { return times_ns[static_cast<size_t>(i)]; }
  void change(int64_t i, RepairAction action, TimeFault reason, int64_t to_ns) {
    done.changes.push_back({i, action, reason, time(i), to_ns});
    if (action == RepairAction::moved) times_ns[static_cast<size_t>(i)] = to_ns;
  }
  void keep(int64_t i, const std::vector<double>& row) {
    done.series.times_ns.push_back(time(i));
    done.series.values.insert(done.series.values.end(), row.begin(), row.end());
    done.sources.push_back(i);
  }
  std::vector<double> row(int64_t i) const {
    const auto first = given.values.begin() + i * given.channels;
    return {first, first + given.channels};
  }
};

// At most 73 years, so that it may be added to any time.
int64_t usual_step(const Repair& r) {
  return std::clamp<int64_t>(r.runs.step_ns, 1, INT64_MAX / 4);
}

int64_t sum(const Repair& r, int64_t x, int64_t y) {
  int64_t sum = 0;
  BRAID_CHECK(
      !__builtin_add_overflow(x, y, &sum) && std::abs(sum) <= INT64_MAX / 2, data,
      "{}: closing steps of the clock: expected times within 146 years, got more; split the "
      "stream at its resets",
      r.given.name);
  return sum;
}

// Moves every era to one step after the one before it, and what follows a step forwards back.
void close_steps(const std::vector<int64_t>& order, Repair* r) {
  const std::vector<int64_t> given_ns = r->times_ns;
  const int64_t step = usual_step(*r);
  int64_t shift = 0;
  TimeFault reason = TimeFault::backward_step;
  for (size_t k = 0; k < order.size(); ++k) {
    const size_t i = static_cast<size_t>(order[k]);
    if (k > 0) {
      const size_t before = static_cast<size_t>(order[k - 1]);
      const bool is_reset = r->runs.eras[i] != r->runs.eras[before];
      if (is_reset) {
        reason = TimeFault::backward_step;
        shift = 0;
        if (r->policy.closes_backward_steps)
          shift = sum(*r, r->times_ns[before], step) - given_ns[i];
      } else if (r->policy.closes_forward_steps &&
                 given_ns[i] - given_ns[before] > r->runs.jump_ns &&
                 is_forward_step(r->runs, given_ns, order, k)) {
        if (shift == 0) reason = TimeFault::forward_step;
        shift += sum(*r, r->times_ns[before], step) - (given_ns[i] + shift);
      }
    }
    if (shift != 0) r->change(order[k], RepairAction::moved, reason, sum(*r, given_ns[i], shift));
  }
}

void drop_rest(const std::vector<int64_t>& group, int64_t kept, Repair* r) {
  for (int64_t i : group)
    if (i != kept) r->change(i, RepairAction::dropped, TimeFault::duplicated, kNever);
}

void keep_mean(const std::vector<int64_t>& group, Repair* r) {
  std::vector<double> mean(static_cast<size_t>(r->given.channels),
                           std::numeric_limits<double>::quiet_NaN());
  for (size_t c = 0; c < mean.size(); ++c) {
    double sum = 0, count = 0;
    for (int64_t i : group) {
      const double value = r->row(i)[c];
      if (std::isnan(value)) continue;
      sum += value;
      ++count;
    }
    if (count > 0) mean[c] = sum / count;
  }
  r->keep(group[0], mean);
  for (int64_t i : group)
    r->change(i, RepairAction::averaged, TimeFault::duplicated, r->time(group[0]));
}

// The last one is in time, the others lie evenly after the time before.
void keep_spread(const std::vector<int64_t>& group, int64_t before_ns, Repair* r) {
  const int64_t end_ns = r->time(group[0]), count = static_cast<int64_t>(group.size());
  const int64_t room = end_ns - before_ns;
  for (int64_t k = 0; k < count; ++k) {
    const int64_t left = count - 1 - k;
    if (left >= room) {  // more measurements than nanoseconds
      r->change(group[static_cast<size_t>(k)], RepairAction::dropped, TimeFault::bursts, kNever);
      continue;
    }
    const double part = static_cast<double>(left) / static_cast<double>(count);
    const int64_t back = std::max<int64_t>(left, std::llround(part * static_cast<double>(room)));
    const int64_t i = group[static_cast<size_t>(k)];
    if (back != 0) r->change(i, RepairAction::moved, TimeFault::bursts, end_ns - back);
    r->keep(i, r->row(i));
  }
}

void settle(const std::vector<int64_t>& group, int64_t before_ns, Repair* r) {
  if (group.size() == 1) {
    r->keep(group[0], r->row(group[0]));
  } else if (r->policy.equal == EqualTimes::mean) {
    keep_mean(group, r);
  } else if (r->policy.equal == EqualTimes::spread) {
    keep_spread(group, before_ns, r);
  } else {
    const int64_t kept = r->policy.equal == EqualTimes::keep_first ? group.front() : group.back();
    drop_rest(group, kept, r);
    r->keep(kept, r->row(kept));
  }
}

void settle_equal(const std::vector<int64_t>& order, Repair* r) {
  const int64_t step = usual_step(*r);
  for (size_t k = 0; k < order.size();) {
    std::vector<int64_t> group;
    const int64_t time = r->time(order[k]);
    for (; k < order.size() && r->time(order[k]) == time; ++k) group.push_back(order[k]);
    int64_t before = time - step;
    if (!r->done.series.times_ns.empty()) {
      const int64_t last = r->done.series.times_ns.back();
      before = time - last > r->runs.jump_ns ? before : last;
    }
    settle(group, before, r);
  }
}

void check_given(const Series& series, const RepairPolicy& policy) {
  BRAID_CHECK(policy.jump_factor > 1 && policy.jump_spreads >= 0, usage,
              "jumps: expected a factor above 1 and 0 or more deviations, got {} and {}",
              policy.jump_factor, policy.jump_spreads);
  BRAID_CHECK(series.channels >= 1, shape, "{}: channels: expected at least 1, got {}", series.name,
              series.channels);
  BRAID_CHECK(series.values.size() == series.times_ns.size() * static_cast<size_t>(series.channels),
              shape, "{}: values: expected [{}, {}], got {} numbers", series.name,
              series.times_ns.size(), series.channels, series.values.size());
}

}  // namespace

RepairedTimes repair_times(const Series& series, const RepairPolicy& policy) {
  check_given(series, policy);
  Repair r = {series, policy, {}, series.times_ns, {}};
  r.runs = find_runs(series.name, series.times_ns, policy.jump_factor, policy.jump_spreads);
  r.done.series.name = series.name;
  r.done.series.channels = series.channels;
  for (int64_t i : r.runs.late)
    r.change(i, RepairAction::reordered, TimeFault::unordered, r.time(i));
  std::vector<int64_t> order = ascending(r.runs, series.times_ns);
  for (int64_t i : r.runs.strays) {
    if (policy.drops_strays) {
      r.change(i, RepairAction::dropped, TimeFault::stray, kNever);
    } else {
      r.change(i, RepairAction::reordered, TimeFault::stray, r.time(i));
      order.push_back(i);
    }
  }
  if (policy.closes_backward_steps || policy.closes_forward_steps)
    close_steps(ascending(r.runs, series.times_ns), &r);
  if (!policy.closes_backward_steps)
    for (size_t i = 0; i < series.times_ns.size(); ++i)
      if (r.runs.eras[i] > 0)
        r.change(static_cast<int64_t>(i), RepairAction::reordered, TimeFault::backward_step,
                 r.times_ns[i]);
  std::stable_sort(order.begin(), order.end(), [&](int64_t x, int64_t y) {
    return r.time(x) != r.time(y) ? r.time(x) < r.time(y) : x < y;
  });
  settle_equal(order, &r);
  std::stable_sort(r.done.changes.begin(), r.done.changes.end(),
                   [](const TimeChange& x, const TimeChange& y) { return x.index < y.index; });
  check(r.done.series);
  return std::move(r.done);
}

}  // namespace braid::align
