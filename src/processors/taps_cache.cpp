#include "processors/taps_cache.h"

namespace braid::processors {
namespace {

constexpr size_t kMaxEntries = 16;
constexpr size_t kMaxWeights = 1 << 16;  // of an entry; more is made anew each time

}  // namespace

std::shared_ptr<const PixelTaps> TapsCache::get(const Axis& axis) const {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const Entry& entry : entries_)
      if (entry.axis == axis) return entry.taps;
  }
  auto taps = std::make_shared<const PixelTaps>(make_pixel_taps(kernel_, arithmetic_, axis));
  if (taps->fixed.size() + taps->real.size() > kMaxWeights) return taps;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (entries_.size() < kMaxEntries) {
    entries_.push_back({axis, taps});
  } else {
    entries_[next_] = {axis, taps};
    next_ = (next_ + 1) % kMaxEntries;
  }
  return taps;
}

}  // namespace braid::processors
