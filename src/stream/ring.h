// The measurements of one stream that its next ticks may need.
#pragma once
#include <cstdint>
#include <vector>

#include "align/align.h"

namespace braid::stream {

/// A sorted ring of `capacity` measurements (the next power of two) at most of C channels, and the
/// newest value of each channel from before it. Allocates when it is made and never again.
class Ring {
 public:
  Ring(int64_t channels, size_t capacity);

  size_t size() const { return size_; }
  bool is_full() const { return size_ == times_.size(); }
  int64_t channels() const { return channels_; }
  int64_t time(size_t i) const { return times_[slot(i)]; }
  const double* values(size_t i) const {
    return &values_[slot(i) * static_cast<size_t>(channels_)];
  }

  bool holds(int64_t time_ns) const;
  /// In the order of time; not full, and holds none of that time.
  void insert(int64_t time_ns, const double* values);
  /// Moves the oldest measurement into what is known from before the ring.
  void forget_oldest();
  /// The same of all that are not after `time_ns`.
  void forget_until(int64_t time_ns);
  /// Channel c as a method reads it for one tick: what is known from before, and the ring up to the
  /// tick, with the first measurement after it where `with_next`. Replaces *channel.
  void copy(int64_t c, int64_t tick_ns, bool with_next, align::Channel* channel) const;
  /// Whether every channel has a measurement in [from, to).
  bool has_all_in(int64_t from_ns, int64_t to_ns) const;

 private:
  size_t slot(size_t i) const { return (first_ + i) & mask_; }

  int64_t channels_;
  size_t first_ = 0, size_ = 0, mask_;
  std::vector<int64_t> times_;
  std::vector<double> values_;        // (capacity, C)
  std::vector<int64_t> known_times_;  // (C) kNever where none
  std::vector<double> known_values_;  // (C)
};

}  // namespace braid::stream
