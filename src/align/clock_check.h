// What is wrong with a stream's times, in the order in which they came, and their repair with a
// record of every change.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "align/series.h"

namespace braid::align {

enum class TimeFault {
  unordered,      // earlier than one before it, without a reset
  duplicated,     // the time of one before it
  bursts,         // most times are shared by several: the arrival of a packet
  stuck,          // a clock that stood: many of one time where that is not the rule
  stray,          // one or two whose time lies apart, while those after go on from those before
  gap,            // a jump forwards: measurements are missing
  forward_step,   // a jump forwards by no whole number of steps: set clock, or a device restarted
  backward_step,  // far back, and on from there: a reset clock
  overlap,        // after a reset, inside the time that was already measured
  rate,           // not the nominal rate
  coverage        // too many of the expected measurements are missing
};
const char* to_string(TimeFault fault);

struct TimeCheckOptions {
  double rate_hz = 0;  // nominal; 0 = unknown
  /// A step is a jump if it is longer than this many median steps, and longer than the median by
  /// more than so many of the steps' median absolute deviations.
  double jump_factor = 3;
  double jump_spreads = 20;
  int64_t stuck_count = 5;       // so many of one time, and more than three times the usual
  double most_rate_ppm = 1000;   // a greater difference from the nominal rate is a finding
  double least_coverage = 0.99;  // a smaller one is a finding
};

struct TimeFinding {
  TimeFault fault;
  int64_t count;                // measurements; of jumps and resets the number of them
  std::vector<int64_t> places;  // the first 10, counted from 0
  int64_t largest_ns;           // the longest jump, the farthest back; 0 where it means nothing
  std::string message;          // one line: where, what, what to do
};

/// NaN = not known: fewer than two times, or steps too uneven to say.
struct TimeCheck {
  int64_t num_times = 0;
  int64_t step_ns = 0;    // median of the steps above 0
  int64_t spread_ns = 0;  // their median absolute deviation
  int64_t num_eras = 0;   // 1 + resets
  double burst_size = 1;  // measurements that share a time, where that is the rule
  /// Measurements a second where none is missing: jumps are left out, and of regular streams (a
  /// spread below a tenth of the step) a step of k medians counts as k.
  double measured_hz;
  double rate_error_ppm;  // (measured - nominal) / nominal
  /// The last time minus (first + steps / nominal rate), as if nothing were missing; NaN after
  /// resets.
  double end_error_ns;
  double coverage;  // share of what the nominal rate (or the measured one) has in the same time
  std::vector<TimeFinding> findings;

  /// nullptr where there is none.
  const TimeFinding* find(TimeFault fault) const;
};

/// Times as they came, in any order; `name` opens the messages.
///
/// Errors   usage: options out of range. data: a time beyond 146 years.
/// Cost     O(N log N).
TimeCheck check_times(const std::string& name, const std::vector<int64_t>& times_ns,
                      const TimeCheckOptions& options = {});

/// What becomes of several measurements of one time.
enum class EqualTimes {
  keep_first,  // as they came
  keep_last,
  mean,   // channel by channel, over what is not NaN
  spread  // evenly after the time before: arrival times of packets, whose last one is in time
};

struct RepairPolicy {
  EqualTimes equal = EqualTimes::keep_first;
  bool drops_strays = true;            // else they are sorted where their time says
  bool closes_backward_steps = false;  // shifts an era to one step after the one before; else all
                                       // eras are sorted into one
  bool closes_forward_steps = false;   // only TimeFault::forward_step; a gap stays
  double jump_factor = 3;              // as in TimeCheckOptions
  double jump_spreads = 20;
};

enum class RepairAction { reordered, moved, dropped, averaged };
const char* to_string(RepairAction action);

/// One measurement that is not where it was.
struct TimeChange {
  int64_t index;  // in the given series
  RepairAction action;
  TimeFault reason;
  int64_t from_ns;
  int64_t to_ns;  // kNever of a dropped one; of an averaged one the time of the mean
};

struct RepairedTimes {
  Series series;                    // passes check()
  std::vector<TimeChange> changes;  // by index; several of one measurement in the order of repair
  std::vector<int64_t> sources;     // (N of `series`) index in the given one; of a mean its first
};

/// `series` with strictly ascending times. In this order: strays, steps of the clock, sorting,
/// equal times.
///
/// Errors   shape, data (infinite values): as check(). data: a time beyond 146 years.
/// Cost     O(N (log N + C)).
RepairedTimes repair_times(const Series& series, const RepairPolicy& policy = {});

}  // namespace braid::align
