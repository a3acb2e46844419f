// How a stream gets values on a common timeline, and the family's table.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "align/series.h"

namespace braid::align {

/// Where a value at a tick comes from.
enum class Origin : uint8_t { missing, measured, interpolated, held, aggregated };
const char* to_string(Origin origin);

/// What becomes of a tick that has no value: it stays missing, the newest measurement holds up to
/// an age, or it is an Error.
enum class Gap { mask, hold, fail };
const char* to_string(Gap gap);
/// Errors: usage, with the nearest known name.
Gap parse_gap(const std::string& name);

struct Options {
  int64_t tolerance_ns = INT64_MAX;  // how far a measurement may lie from its tick
  int64_t window_ns = 0;             // aggregates: what lies in (tick - window, tick]; 0 = the step
                                     // of the ticks, of a single tick all that is before it
  Gap gap = Gap::mask;
  int64_t hold_ns = INT64_MAX;  // Gap::hold: the greatest age
};

/// One channel's measurements; what is NaN is left out. Ascending.
struct Channel {
  std::vector<int64_t> times_ns;
  std::vector<double> values;
  size_t size() const { return times_ns.size(); }
};

/// One channel at T ticks. A method fills in what it has; all is missing before.
struct Column {
  std::vector<double> values;    // NaN where missing
  std::vector<Origin> origins;   // missing where it has none
  std::vector<int64_t> used_ns;  // see Aligned; kNever before

  void set(size_t tick, double value, Origin origin, int64_t time_ns) {
    values[tick] = value;
    origins[tick] = origin;
    used_ns[tick] = time_ns;
  }
};

struct Method {
  const char* name;         // "linear"
  const char* summary;      // one sentence
  const char* definition;   // y(t) as a formula, and what a tick needs to have a value
  const char* error_bound;  // for a signal x of step h, or "" where there is none
  const char* source;       // paper or book, or ""
  bool is_causal;           // needs no measurement after the tick: live, it never waits
  bool is_local;            // needs a tick's window and its neighbours alone: works live
  /// `channel` may be empty, `ticks_ns` ascends.
  void (*fill)(const Channel& channel, const std::vector<int64_t>& ticks_ns, const Options& options,
               Column* column);
};

const std::vector<const Method*>& methods();
/// Errors: config, with the nearest known name.
const Method& find(const std::string& name);
/// Whether it takes all of a window together.
bool is_aggregate(const Method& method);

/// A stream on the timeline: T ticks, C channels, each (T, C) row-major.
struct Aligned {
  int64_t channels = 1;
  std::vector<double> values;  // NaN where missing
  std::vector<Origin> origins;
  /// Time of the measurement that the value is or holds, of the neighbour after the tick where it
  /// joins several, of the newest of a window; kNever where there is none.
  std::vector<int64_t> used_ns;
};

/// `series` at the ticks by `method`; what it leaves missing goes by options.gap.
///
/// Missing  NaN is no measurement, channel by channel; an empty series is missing everywhere
///          (and its count 0).
/// Errors   shape, data: as check(). usage: ticks that do not ascend or lie beyond 146 years of 0,
/// a
///          negative tolerance, window or hold. data: Gap::fail, naming the stream, the channel and
///          the first tick.
/// Cost     O(N + T) a channel, times the kernel's length for sinc, and for overlapping windows the
///          measurements in each.
Aligned align(const Series& series, const Method& method, const std::vector<int64_t>& ticks_ns,
              const Options& options = {});

/// Errors   usage, opened by `where`: a negative tolerance, window or hold.
void check(const Options& options, const std::string& where);

/// What one channel gives at the ticks: method.fill, then options.gap where that is to hold.
void fill_column(const Channel& channel, const Method& method, const std::vector<int64_t>& ticks_ns,
                 const Options& options, Column* column);

/// Walks measurements and ascending ticks side by side.
class Cursor {
 public:
  explicit Cursor(const std::vector<int64_t>& times_ns) : times_ns_(times_ns) {}
  /// Index of the newest measurement that is not after the tick; -1 where all are.
  int64_t newest_before(int64_t tick_ns) {
    while (next_ < times_ns_.size() && times_ns_[next_] <= tick_ns) ++next_;
    return static_cast<int64_t>(next_) - 1;
  }

 private:
  const std::vector<int64_t>& times_ns_;
  size_t next_ = 0;
};

/// Calls `join(tick, i)` for every tick between measurements i and i + 1, both within the
/// tolerance, and gives every tick that meets a measurement its value. What a method that joins
/// neighbours by a curve shares.
template <class Join>
void join_neighbours(const Channel& channel, const std::vector<int64_t>& ticks_ns,
                     const Options& options, Column* column, const Join& join) {
  Cursor cursor(channel.times_ns);
  for (size_t t = 0; t < ticks_ns.size(); ++t) {
    const int64_t newest = cursor.newest_before(ticks_ns[t]);
    if (newest < 0) continue;
    const size_t i = static_cast<size_t>(newest);
    if (channel.times_ns[i] == ticks_ns[t]) {
      column->set(t, channel.values[i], Origin::measured, channel.times_ns[i]);
    } else if (i + 1 < channel.size() &&
               ticks_ns[t] - channel.times_ns[i] <= options.tolerance_ns &&
               channel.times_ns[i + 1] - ticks_ns[t] <= options.tolerance_ns) {
      column->set(t, join(ticks_ns[t], i), Origin::interpolated, channel.times_ns[i + 1]);
    }
  }
}

/// The window of tick t: measurements in (t - window, t]; options.window_ns, or the median step of
/// the ticks.
int64_t window_of(const std::vector<int64_t>& ticks_ns, const Options& options);

/// Gives every tick whose window holds measurements aggregate(first, end) of their values.
template <class Aggregate>
void aggregate_windows(const Channel& channel, const std::vector<int64_t>& ticks_ns,
                       const Options& options, Column* column, const Aggregate& aggregate) {
  const int64_t window = window_of(ticks_ns, options);
  size_t first = 0, end = 0;
  for (size_t t = 0; t < ticks_ns.size(); ++t) {
    while (end < channel.size() && channel.times_ns[end] <= ticks_ns[t]) ++end;
    while (first < end && ticks_ns[t] - channel.times_ns[first] >= window) ++first;
    if (first < end)
      column->set(t, aggregate(&channel.values[first], &channel.values[end]), Origin::aggregated,
                  channel.times_ns[end - 1]);
  }
}

}  // namespace braid::align
