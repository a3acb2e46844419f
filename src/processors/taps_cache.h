// The weights of the sizes that pictures had last: a data set's sizes repeat.
#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "processors/pixel_taps.h"

namespace braid::processors {

/// Any number of threads may ask at once.
class TapsCache {
 public:
  TapsCache(Kernel kernel, Arithmetic arithmetic) : kernel_(kernel), arithmetic_(arithmetic) {}
  std::shared_ptr<const PixelTaps> get(const Axis& axis) const;

 private:
  struct Entry {
    Axis axis;
    std::shared_ptr<const PixelTaps> taps;
  };

  Kernel kernel_;
  Arithmetic arithmetic_;
  mutable std::mutex mutex_;
  mutable std::vector<Entry> entries_;  // guarded by mutex_; the next to go is next_
  mutable size_t next_ = 0;
};

}  // namespace braid::processors
