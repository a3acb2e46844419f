#include "stream/window_ticks.h"

#include <algorithm>

#include "align/session.h"
#include "core/error.h"

namespace braid::stream {
namespace {

bool are_shared(const std::vector<int64_t>& offsets, int64_t hop_ns) {
  size_t later = 0;
  while (later < offsets.size() && offsets[later] < hop_ns) ++later;
  for (size_t i = 0; later < offsets.size(); ++i, ++later)
    if (offsets[later] != offsets[i] + hop_ns) return false;
  return true;
}

}  // namespace

WindowTicks::WindowTicks(double rate_hz, int64_t length_ns, int64_t hop_ns)
    : length_ns_(length_ns), hop_ns_(hop_ns) {
  BRAID_CHECK(length_ns > 0 && hop_ns > 0, usage,
              "windows: expected a length and a hop above 0, got {} and {}",
              align::format_duration(length_ns), align::format_duration(hop_ns));
  BRAID_CHECK(rate_hz > 0, usage, "windows: expected ticks a second above 0, got {}", rate_hz);
  offsets_ = align::ticks_of({0, length_ns}, rate_hz);
  is_shared_ = are_shared(offsets_, hop_ns);
}

int64_t WindowTicks::after(int64_t start_ns, int64_t tick_ns) const {
  const int64_t since_ns = tick_ns - start_ns;
  const int64_t newest = since_ns / hop_ns_;  // the last window that has begun
  int64_t next_ns = (newest + 1) * hop_ns_;   // the one after it begins with a tick
  for (int64_t window = newest; window >= 0; --window) {
    const int64_t within_ns = since_ns - window * hop_ns_;
    if (within_ns >= offsets_.back()) break;
    const int64_t own_ns = *std::upper_bound(offsets_.begin(), offsets_.end(), within_ns);
    next_ns = std::min(next_ns, window * hop_ns_ + own_ns);
    if (is_shared_) break;
  }
  return align::saturating_add(start_ns, next_ns);
}

}  // namespace braid::stream
