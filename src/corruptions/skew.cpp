#include "corruptions/skew.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "data/read_sound.h"

namespace braid::corruptions {
namespace {

// What is already in memory, without a file to take from what lies before it.
void shift_sound(double later_s, formats::Audio* audio) {
  const auto size = static_cast<int64_t>(audio->samples.size());
  const int64_t shift = std::llround(later_s * audio->rate_hz);
  audio->samples = data::samples_between(audio->samples, -shift, size - shift);
}

// Times move; a gap stands where the series begins, which its times count from.
void shift_series(double later_s, align::Series* series) {
  const int64_t later_ns = align::nearest_whole(later_s * 1e9);
  const int64_t first_ns = series->times_ns.front(), last_ns = series->times_ns.back();
  const size_t C = static_cast<size_t>(series->channels);
  align::Series moved;
  moved.name = series->name;
  moved.channels = series->channels;
  for (size_t i = 0; i < series->times_ns.size(); ++i) {
    const int64_t time_ns = align::saturating_add(series->times_ns[i], later_ns);
    if (time_ns < first_ns || time_ns > last_ns) continue;
    if (moved.times_ns.empty() && time_ns > first_ns) {
      moved.times_ns.push_back(first_ns);
      moved.values.assign(C, std::numeric_limits<double>::quiet_NaN());
    }
    moved.times_ns.push_back(time_ns);
    for (size_t c = 0; c < C; ++c) moved.values.push_back(series->values[i * C + c]);
  }
  *series = std::move(moved);
}

void shift_video(double later_s, formats::Video* video) {
  const std::vector<formats::Frame> frames = video->frames;
  const int64_t later_ns = align::nearest_whole(later_s * 1e9);
  for (formats::Frame& frame : video->frames) {
    const auto after = std::upper_bound(
        frames.begin(), frames.end(), align::saturating_sub(frame.time_ns, later_ns),
        [](int64_t time_ns, const formats::Frame& other) { return time_ns < other.time_ns; });
    frame.image = (after == frames.begin() ? after : after - 1)->image;
  }
}

}  // namespace

void shift_in_time(const data::Modality& modality, double later_s, data::Sample* sample) {
  change_value(modality, sample, [&](data::Value* value) {
    if (auto* path = std::get_if<data::Path>(value)) {
      path->late_s += later_s;
    } else if (auto* audio = std::get_if<formats::Audio>(value)) {
      const double length_s = static_cast<double>(audio->samples.size()) / audio->rate_hz;
      shift_sound(later_s, audio);
      if (std::fabs(later_s) >= length_s) *value = std::monostate();
    } else if (auto* series = std::get_if<align::Series>(value)) {
      shift_series(later_s, series);
      if (series->times_ns.empty()) *value = std::monostate();
    } else if (auto* video = std::get_if<formats::Video>(value)) {
      shift_video(later_s, video);
    }
  });
}

}  // namespace braid::corruptions
