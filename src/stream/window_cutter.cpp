#include "stream/window_cutter.h"

#include <algorithm>
#include <utility>

namespace braid::stream {

using align::kNever;

WindowCutter::WindowCutter(WindowTicks ticks, std::vector<int64_t> channels)
    : ticks_(std::move(ticks)), channels_(std::move(channels)) {}

void WindowCutter::add(const Frame& frame) {
  if (start_ns_ == kNever) start_ns_ = frame.tick_ns;
  Tick tick = {frame.tick_ns, frame.values, std::vector<int64_t>(channels_.size(), kNever),
               frame.present};
  size_t column = 0;
  for (size_t s = 0; s < channels_.size(); ++s)
    for (int64_t c = 0; c < channels_[s]; ++c, ++column)
      tick.newest_ns[s] = std::max(tick.newest_ns[s], frame.used_ns[column]);
  kept_.push_back(std::move(tick));
}

bool WindowCutter::find_ticks(int64_t start_ns, std::vector<const Tick*>* found) const {
  found->clear();
  auto place = kept_.begin();
  for (const int64_t offset_ns : ticks_.offsets()) {
    const int64_t time_ns = start_ns + offset_ns;
    while (place != kept_.end() && place->time_ns < time_ns) ++place;
    if (place == kept_.end() || place->time_ns != time_ns) return false;
    found->push_back(&*place);
  }
  return true;
}

bool WindowCutter::next(CutWindow* window) {
  std::vector<const Tick*> found;
  while (!kept_.empty()) {
    const int64_t start_ns = start_ns_ + next_ * ticks_.hop_ns();
    const int64_t last_ns = start_ns + ticks_.offsets().back();
    if (kept_.back().time_ns < last_ns) return false;
    const bool is_whole = find_ticks(start_ns, &found);
    window->index = next_++;
    if (is_whole) {
      window->start_ns = start_ns;
      window->end_ns = start_ns + ticks_.length_ns();
      window->last_tick_ns = last_ns;
      cut(found, window);
    } else {
      ++num_broken_;
    }
    forget();
    if (is_whole) return true;
  }
  return false;
}

void WindowCutter::cut(const std::vector<const Tick*>& ticks, CutWindow* window) const {
  window->streams.assign(channels_.size(), {});
  size_t column = 0;
  for (size_t s = 0; s < channels_.size(); ++s) {
    const auto C = static_cast<size_t>(channels_[s]);
    StreamCut& cut = window->streams[s];
    cut.values.reserve(ticks.size() * C);
    for (const Tick* tick : ticks) {
      const double* first = tick->values.data() + column;
      cut.values.insert(cut.values.end(), first, first + C);
      cut.has_any = cut.has_any || tick->present[s] != 0;
      cut.newest_ns = std::max(cut.newest_ns, tick->newest_ns[s]);
    }
    column += C;
  }
}

// Ticks before the next window.
void WindowCutter::forget() {
  const int64_t start_ns = start_ns_ + next_ * ticks_.hop_ns();
  while (!kept_.empty() && kept_.front().time_ns < start_ns) kept_.pop_front();
}

}  // namespace braid::stream
