// The ticks of windows that follow each other, for a synchroniser that is to give what files give.
#pragma once
#include <cstdint>
#include <vector>

namespace braid::stream {

/// Windows of one length at a fixed hop; each has its own ticks, as align::ticks_of counts them
/// from its start.
class WindowTicks {
 public:
  /// Errors   usage: length or hop not above 0, a rate that align::ticks_of refuses.
  WindowTicks(double rate_hz, int64_t length_ns, int64_t hop_ns);

  int64_t length_ns() const { return length_ns_; }
  int64_t hop_ns() const { return hop_ns_; }
  /// (T) a window's ticks, counted from its start.
  const std::vector<int64_t>& offsets() const { return offsets_; }
  /// The first tick of any window after `tick_ns`, which is not before the start of the first one.
  int64_t after(int64_t start_ns, int64_t tick_ns) const;

 private:
  int64_t length_ns_, hop_ns_;
  std::vector<int64_t> offsets_;
  bool is_shared_;  // what two windows both cover, they have the same ticks of
};

}  // namespace braid::stream
