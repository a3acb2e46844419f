// Frames, as they come out of a synchroniser, become windows: what `braid align` writes as the rows
// of its arrays.
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "stream/synchronizer.h"
#include "stream/window_ticks.h"

namespace braid::stream {

/// One stream in one window.
struct StreamCut {
  std::vector<double> values;         // (T, C) NaN where missing
  bool has_any = false;               // any value at all; else the sample lacks the stream
  int64_t newest_ns = align::kNever;  // of the measurements that its values rest on
};

struct CutWindow {
  int64_t index = 0;  // of the windows from the start on
  int64_t start_ns = 0, end_ns = 0, last_tick_ns = 0;
  std::vector<StreamCut> streams;
};

/// A window is out with the frame of its last tick. One of whose ticks a frame was dropped is left
/// out and counted.
class WindowCutter {
 public:
  /// `channels` of each stream, in the order of the synchroniser's.
  WindowCutter(WindowTicks ticks, std::vector<int64_t> channels);

  /// In the order of ticks; the first one begins the first window, unless `start_ns` is given.
  void set_start(int64_t start_ns) { start_ns_ = start_ns; }
  void add(const Frame& frame);
  /// False where none is complete.
  bool next(CutWindow* window);
  int64_t num_broken() const { return num_broken_; }

 private:
  struct Tick {
    int64_t time_ns;
    std::vector<double> values;
    std::vector<int64_t> newest_ns;  // (streams)
    std::vector<uint8_t> present;    // (streams)
  };
  void cut(const std::vector<const Tick*>& ticks, CutWindow* window) const;
  bool find_ticks(int64_t start_ns, std::vector<const Tick*>* found) const;
  void forget();

  WindowTicks ticks_;
  std::vector<int64_t> channels_;
  int64_t start_ns_ = align::kNever, next_ = 0, num_broken_ = 0;
  std::deque<Tick> kept_;
};

}  // namespace braid::stream
