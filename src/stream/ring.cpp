#include "stream/ring.h"

#include <algorithm>
#include <cmath>

namespace braid::stream {
namespace {

size_t power_of_two(size_t at_least) {
  size_t power = 1;
  while (power < at_least) power *= 2;
  return power;
}

}  // namespace

Ring::Ring(int64_t channels, size_t capacity)
    : channels_(channels),
      mask_(power_of_two(capacity) - 1),
      times_(mask_ + 1),
      values_((mask_ + 1) * static_cast<size_t>(channels)),
      known_times_(static_cast<size_t>(channels), align::kNever),
      known_values_(static_cast<size_t>(channels)) {}

bool Ring::holds(int64_t time_ns) const {
  size_t place = size_;
  while (place > 0 && time(place - 1) > time_ns) --place;  // mostly 0 steps: streams are in order
  return place > 0 && time(place - 1) == time_ns;
}

void Ring::insert(int64_t time_ns, const double* values) {
  const size_t C = static_cast<size_t>(channels_);
  size_t place = size_;
  while (place > 0 && time(place - 1) > time_ns) --place;
  for (size_t i = size_; i > place; --i) {
    times_[slot(i)] = times_[slot(i - 1)];
    std::copy_n(&values_[slot(i - 1) * C], C, &values_[slot(i) * C]);
  }
  times_[slot(place)] = time_ns;
  std::copy_n(values, C, &values_[slot(place) * C]);
  ++size_;
}

void Ring::forget_oldest() {
  const double* oldest = values(0);
  for (size_t c = 0; c < static_cast<size_t>(channels_); ++c) {
    if (std::isnan(oldest[c])) continue;
    known_times_[c] = time(0);
    known_values_[c] = oldest[c];
  }
  first_ = (first_ + 1) & mask_;
  --size_;
}

void Ring::forget_until(int64_t time_ns) {
  while (size_ > 0 && time(0) <= time_ns) forget_oldest();
}

void Ring::copy(int64_t c, int64_t tick_ns, bool with_next, align::Channel* channel) const {
  channel->times_ns.clear();
  channel->values.clear();
  const auto add = [&](int64_t time_ns, double value) {
    channel->times_ns.push_back(time_ns);
    channel->values.push_back(value);
  };
  const size_t column = static_cast<size_t>(c);
  if (known_times_[column] != align::kNever) add(known_times_[column], known_values_[column]);
  for (size_t i = 0; i < size_; ++i) {
    const bool is_after = time(i) > tick_ns;
    if (is_after && !with_next) return;
    const double value = values(i)[column];
    if (std::isnan(value)) continue;
    add(time(i), value);
    if (is_after) return;
  }
}

bool Ring::has_all_in(int64_t from_ns, int64_t to_ns) const {
  size_t first = 0;
  for (size_t end = size_; first < end;) {  // the first row that is not before
    const size_t middle = first + (end - first) / 2;
    if (time(middle) < from_ns)
      first = middle + 1;
    else
      end = middle;
  }
  for (int64_t c = 0; c < channels_; ++c) {
    bool has = false;
    for (size_t i = first; i < size_ && !has && time(i) < to_ns; ++i)
      has = !std::isnan(values(i)[c]);
    if (!has) return false;
  }
  return true;
}

}  // namespace braid::stream
