// Joins measurements of many streams, as they come from any thread and in any order, into frames on
// one timeline. Times are nanoseconds since 1970 (UTC), or since any other zero that all share.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "braid/error.h"

namespace braid {

/// No time: of what is not there.
constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();
/// A duration without a limit.
constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();
/// Seconds as whole nanoseconds. Errors   data: beyond 146 years, NaN.
int64_t nanoseconds(double seconds);

/// What becomes of a frame that nobody has taken when all places are full: push() waits for a
/// place, or the oldest or the newest frame is dropped.
enum class Backpressure { block, drop_oldest, drop_newest };

/// Why something did not make it into a frame.
enum class DropReason {
  late,           ///< older than the lateness bound allows
  ahead,          ///< further ahead of all streams than max_ahead allows: a clock that jumped
  duplicate,      ///< of a time that the stream has given already; the first one counts
  overflow,       ///< pushed out of a stream's full room before its tick
  unmatched,      ///< older than what was chosen from its stream for a match
  frame_dropped,  ///< a whole frame, which nobody took in time
};
/// "late"
const char* to_string(DropReason reason);

struct DroppedMeasurement {
  std::string stream;  // or field; "" for a whole frame
  int64_t time_ns = 0;
  DropReason reason = DropReason::late;
  int64_t count = 1;  // frames from time_ns on, where many are dropped at once
};

struct SynchronizerStream {
  std::string name;
  int channels = 1;
  // How a tick gets its value: previous, linear, nearest, mean, ...: a local method of
  // `braid list alignment`. One that looks beyond the tick needs a tolerance.
  std::string method = "previous";
  int64_t tolerance_ns = kNoLimit;  // how far a measurement may lie from its tick
  int64_t hold_ns = 0;              // a gap holds the newest value up to this age; 0 = it stays one
  int64_t window_ns = 0;            // what an aggregate takes up to its tick; 0 = one step
  // An aggregate takes what lies from its tick to the next one, as `braid align` does, not what
  // lies before it.
  bool covers_step_after = false;
  size_t capacity = 4096;  // measurements kept
};

struct SynchronizerOptions {
  std::vector<SynchronizerStream> streams;
  // Frames at ticks, anchor + k step, or, with a step of 0, of measurements that match within
  // match_tolerance_ns.
  int64_t step_ns = 0;
  int64_t anchor_ns = 0;
  int64_t match_tolerance_ns = 0;
  // How far a measurement may lie behind the newest of all. A frame is out as soon as nothing can
  // change it any more: so much later.
  int64_t lateness_ns = 0;
  int64_t max_ahead_ns = kNoLimit;  // beyond it a measurement is taken for one of a wrong clock
  Backpressure backpressure = Backpressure::drop_oldest;
  size_t num_frames = 64;  // that wait to be taken
  // Called by the thread that pushes.
  std::function<void(const DroppedMeasurement&)> on_dropped;
};

/// One tick, or match: values of all streams' channels side by side, in the streams' order.
struct SynchronizedFrame {
  int64_t tick_ns = 0;
  std::vector<double> values;    // (sum of channels), NaN where missing
  std::vector<int64_t> used_ns;  // (sum of channels) time of the measurement a value rests on, the
                                 // newest where there are several; kNoTime where missing
  std::vector<bool> is_present;  // (streams) whether any channel has a value
};

struct SynchronizerCounts {
  int64_t pushed = 0, late = 0, ahead = 0, duplicate = 0, overflow = 0, unmatched = 0, frames = 0,
          frames_dropped = 0;
};

/// Every frame is what alignment of the whole recording gives for its tick, bit for bit, from all
/// measurements that kept the lateness bound. A stream that falls silent holds nothing up. Any
/// number of threads may call any member.
///
/// Missing  NaN is no measurement, channel by channel.
class Synchronizer {
 public:
  /// Errors   config: no stream, a repeated name, an unknown method or one that does not work live,
  ///          one that looks ahead without a tolerance, a negative duration.
  explicit Synchronizer(const SynchronizerOptions& options);
  ~Synchronizer();
  Synchronizer(Synchronizer&&) noexcept;
  Synchronizer& operator=(Synchronizer&&) noexcept;

  /// Copies the values. With Backpressure::block it may wait for a consumer.
  ///
  /// Errors   usage: no such stream, another number of channels, after finish(). data: infinity, a
  ///          time beyond 146 years of 0.
  void push(size_t stream, int64_t time_ns, const double* values, size_t channels);
  /// By name; finding it costs some nanoseconds. Errors   as above, with the nearest name.
  void push(const std::string& stream, int64_t time_ns, const double* values, size_t channels);
  /// Says that the time is `now_ns`, whether or not a stream does; never goes back.
  void advance(int64_t now_ns);
  /// No more measurements: what is left comes out.
  void finish();
  /// Ends all waiting. For a consumer that stops before its producers do.
  void close();

  /// The oldest frame that waits; false where there is none.
  bool take(SynchronizedFrame* frame);
  /// The same, waiting for one; false at the time limit, when all is over, and after close().
  bool wait(SynchronizedFrame* frame, int64_t timeout_ns);
  /// Whether no frame will ever come again.
  bool is_over() const;
  SynchronizerCounts counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace braid
