// From measurements to windows: what StreamPredictor's promise has below the model.
#pragma once
#include <atomic>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/stream.h"
#include "stream/window_cutter.h"

namespace braid::model {

/// The synchroniser of a plan's streams, cut into its windows. Any thread may call any member.
class LiveWindows {
 public:
  /// `is_read` (streams): the others keep the clock and nothing else.
  ///
  /// Errors   config, as StreamPredictor::load.
  LiveWindows(const AlignPlan& plan, const StreamPredictorOptions& options,
              const std::vector<bool>& is_read);

  /// Errors   as StreamPredictor::push.
  size_t place_of(const std::string& stream) const;
  void push(size_t stream, int64_t time_ns, const double* values, size_t channels);
  void advance(int64_t now_ns) { synchronizer_.advance(now_ns); }
  void finish();
  void finish(int64_t end_ns);
  void close() { synchronizer_.close(); }

  /// The next whole window; false where there is none, at once or after so long.
  bool next(stream::CutWindow* window);
  bool wait(stream::CutWindow* window, int64_t timeout_ns);
  bool is_over() const { return synchronizer_.is_over(); }

  stream::Counts counts() const { return synchronizer_.counts(); }
  int64_t num_dropped() const { return num_dropped_; }

 private:
  bool cut(stream::CutWindow* window);

  std::vector<std::string> names_;
  std::unordered_map<std::string, size_t> places_;
  std::vector<int64_t> median_steps_ns_;
  stream::WindowTicks ticks_;
  stream::Synchronizer synchronizer_;
  std::atomic<int64_t> end_ns_{INT64_MAX};  // no window ends after it
  std::atomic<int64_t> num_dropped_{0};
  std::mutex mutex_;  // of what follows
  stream::WindowCutter cutter_;
  stream::Frame frame_;
};

}  // namespace braid::model
