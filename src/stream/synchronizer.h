// Joins measurements of many streams, as they come, into frames on one timeline.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "align/align.h"
#include "stream/matching.h"
#include "stream/ring.h"

namespace braid::stream {

struct StreamConfig {
  std::string name;
  int64_t channels = 1;
  std::string method = "previous";  // a local one of `braid list align`
  /// options.tolerance_ns is the greatest age. A method that looks beyond the tick needs one: a
  /// frame waits no longer for a silent stream.
  align::Options options;
  size_t capacity = 4096;  // measurements kept: those of the window, and of ticks not out yet
  /// Its value at a tick is that at tick + shift. The step - 1 makes an aggregate take
  /// [tick, tick + step), as samples from files have it.
  int64_t shift_ns = 0;
};

/// What becomes of a frame that nobody has taken when all places are full.
enum class Backpressure { block, drop_oldest, drop_newest };

/// Why something did not make it into a frame.
enum class Reason {
  late,           // older than the lateness bound allows
  ahead,          // further ahead of all streams than max_ahead allows: a clock that jumped
  duplicate,      // of a time that the stream has given already; the first one counts
  overflow,       // pushed out of a stream's full ring before its tick
  unmatched,      // older than what was chosen from its stream for a match
  frame_dropped,  // a whole frame; `time_ns` is its tick, `stream` the number of streams
};
const char* to_string(Reason reason);

struct Dropped {
  size_t stream = 0;
  int64_t time_ns = 0;
  Reason reason = Reason::late;
  int64_t count = 1;  // frames from time_ns on, where many are dropped at once
};

struct Config {
  std::vector<StreamConfig> streams;
  /// Frames at ticks, anchor + k step, with each stream's value there; or, with a step of 0, frames
  /// of measurements that match (see find_match): as they are, whatever the streams' methods.
  int64_t step_ns = 0;
  int64_t anchor_ns = 0;
  /// The first tick, whether or not anything was measured before it. kNever: the first one of the
  /// anchor's that is not before the first measurement; with tick_after that measurement's time.
  int64_t start_ns = align::kNever;
  /// Ticks that are not even: the first one after `tick_ns` of those that begin at the start. The
  /// step is then what an aggregate takes, and by which ticks are counted that are left out.
  std::function<int64_t(int64_t start_ns, int64_t tick_ns)> tick_after;
  int64_t match_tolerance_ns = 0;  // 0: exactly equal times
  int64_t lateness_ns = 0;         // how far a measurement may lie behind the newest of all
  /// A measurement further ahead of the clock is dropped: one wrong time would make all others
  /// late. With it, advance() has to go on while all streams are silent, or nothing is near enough
  /// again; and the first measurement of all is trusted.
  int64_t max_ahead_ns = INT64_MAX;
  Backpressure backpressure = Backpressure::drop_oldest;
  size_t num_frames = 64;                          // that wait to be taken
  std::function<void(const Dropped&)> on_dropped;  // called by the thread that pushes, unlocked
};

/// One tick, or match. Values of all streams' channels side by side, in the order of
/// Config::streams.
struct Frame {
  int64_t tick_ns = 0;
  std::vector<double> values;          // (sum of channels), NaN where missing
  std::vector<align::Origin> origins;  // (sum of channels)
  std::vector<int64_t> used_ns;        // (sum of channels), see align::Aligned
  std::vector<uint8_t> present;        // (streams) 1 where any channel has a value
};

/// `frames` have found a place; with Backpressure::drop_oldest some of them are dropped later.
struct Counts {
  int64_t pushed = 0, late = 0, ahead = 0, duplicate = 0, overflow = 0, unmatched = 0, frames = 0,
          frames_dropped = 0;
};

/// What Synchronizer's constructor refuses.
void check_config(const Config& config);

/// Every frame is what align::align gives for its tick from all measurements that kept the lateness
/// bound, whatever their order and the threads they came from.
///
/// Frames of matches are those of find_match over the whole recording, likewise.
///
/// The clock is the newest time of all streams, or advance()'s. What lies more than the lateness
/// bound before it is final; a tick is out as soon as everything it needs is final, so that no
/// stream that falls silent holds it up.
///
/// Missing  NaN is no measurement, channel by channel; in matches a measurement is there where any
///          channel is.
/// Cost     no allocation for a measurement; push() takes one lock. Any number of threads may push,
///          and take frames.
class Synchronizer {
 public:
  /// Errors   config: no stream, a repeated name, a negative step, an unknown method or one that
  ///          is not local, one that looks ahead without a tolerance, Gap::fail.
  explicit Synchronizer(Config config);

  /// `values` (C of the stream) are copied. With Backpressure::block it may wait for a consumer.
  ///
  /// Errors   usage: no such stream; after finish(). data: infinity, a time beyond 146 years of 0.
  void push(size_t stream, int64_t time_ns, const double* values);
  /// Says that the time is `now_ns`, whether or not a stream does; never goes back.
  void advance(int64_t now_ns);
  /// Ends all waiting: blocked push() and finish() return, and so does wait(). What comes after is
  /// ignored. For a consumer that stops before its producers do.
  void close();
  /// No more measurements: what is left comes out, up to the newest one's time. With
  /// Backpressure::block, returns when all have found a place.
  void finish();
  /// The same, up to `until_ns`, measured or not.
  void finish(int64_t until_ns);

  /// The oldest frame that waits; false where there is none.
  bool take(Frame* frame);
  /// The same, waiting for one; false at the time limit, after finish() when all are taken
  /// (is_over()), and after close(). A year or more is no limit.
  bool wait(Frame* frame, int64_t timeout_ns);
  /// Whether no frame will ever come again.
  bool is_over() const;

  Counts counts() const;
  /// The newest time of a stream, of what was not dropped when it came; kNever where there is none.
  int64_t newest_ns(size_t stream) const;
  const Config& config() const { return config_; }

 private:
  struct State {
    const align::Method* method;
    Ring ring;
    align::Options options;
    size_t column;  // its first in a frame
    int64_t shift_ns;
    int64_t newest_ns;
  };
  using Lock = std::unique_lock<std::mutex>;

  void drop(size_t stream, int64_t time_ns, Reason reason, std::vector<Dropped>* dropped);
  void tell(const std::vector<Dropped>& dropped) const;
  int64_t watermark_ns() const;
  bool is_due(int64_t tick_ns) const;
  void put_out(Lock& lock, std::vector<Dropped>* dropped);
  bool find_next(int64_t* time_ns);
  int64_t tick_after(int64_t tick_ns) const;
  void finish_locked(Lock& lock, std::vector<Dropped>* dropped);
  bool skip_ticks(int64_t tick_ns, std::vector<Dropped>* dropped);
  void accept(size_t stream, int64_t time_ns, const double* values, std::vector<Dropped>* dropped);
  bool make_place(int64_t time_ns, std::vector<Dropped>* dropped);
  void compute(int64_t tick_ns, Frame* frame);
  void copy_match(Frame* frame) const;
  void forget(int64_t tick_ns);
  void forget_before_next(size_t stream);
  void forget_match(std::vector<Dropped>* dropped);
  bool take_locked(Frame* frame);

  Config config_;
  mutable std::mutex mutex_;
  std::condition_variable has_frame_, has_place_;
  std::vector<State> states_;
  std::vector<Frame> frames_;  // a ring
  size_t first_frame_ = 0, num_waiting_ = 0;
  int64_t clock_ns_ = align::kNever, earliest_ns_, newest_ns_ = align::kNever;
  int64_t start_ns_ = align::kNever;      // the first tick, once it is out or given
  int64_t next_tick_ns_ = align::kNever;  // kNever until the first is out or given
  int64_t last_tick_ns_ = align::kNever;  // once finished
  bool is_finished_ = false, is_all_out_ = false, is_closed_ = false;
  Counts counts_;
  // Work space of compute().
  align::Channel channel_;
  align::Column column_;
  std::vector<int64_t> tick_;
  std::vector<const Ring*> rings_;
  Match match_;
};

}  // namespace braid::stream
