#include "corruptions/skew.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "data/read_frames.h"
#include "data/read_measurements.h"
#include "formats/media_path.h"

namespace braid::corruptions {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// The whole sound, cut to where its stretch lies now; what is not there is silence.
void shift_sound(double later_s, data::Value* value) {
  formats::MediaPath path;
  formats::Audio audio;
  if (const auto* given = std::get_if<data::Path>(value)) {
    path = formats::parse_media_path(given->path);
    audio = formats::read_audio(path.file + (path.is_audio_track ? "#audio" : ""), /*rate_hz=*/0);
  } else {
    audio = std::get<formats::Audio>(*value);
  }
  const double rate = audio.rate_hz, size = static_cast<double>(audio.samples.size());
  const auto sample_at = [&](double s) { return static_cast<int64_t>(std::llround(s * rate)); };
  const int64_t first = sample_at(path.from_s);
  const int64_t end = sample_at(std::min(path.to_s, size / rate));
  const int64_t shift = sample_at(later_s);
  formats::Audio moved;
  moved.rate_hz = audio.rate_hz;
  for (int64_t i = first - shift; i < end - shift; ++i)
    moved.samples.push_back(i < 0 || i >= static_cast<int64_t>(audio.samples.size())
                                ? 0.0f
                                : audio.samples[static_cast<size_t>(i)]);
  const bool is_touched = end - shift > 0 && first - shift < static_cast<int64_t>(size);
  if (moved.samples.empty() || !is_touched)
    *value = std::monostate();
  else
    *value = std::move(moved);
}

void shift_series(double later_s, data::Value* value) {
  data::Measurements read = data::read_measurements(*value);
  align::Series& series = read.series;
  const size_t C = static_cast<size_t>(series.channels);
  const int64_t later_ns = align::nearest_whole(later_s * 1e9);
  const int64_t reach_ns = align::median_step(series.times_ns) / 2 + 1;
  std::vector<double> moved(series.values.size(), kNan);
  bool has_any = false;
  for (size_t i = 0; i < series.times_ns.size(); ++i) {
    // The measurement nearest to where this tick's value comes from.
    const int64_t from_ns = series.times_ns[i] - later_ns;
    const auto next = std::lower_bound(series.times_ns.begin(), series.times_ns.end(), from_ns);
    auto nearest = next;
    if (next == series.times_ns.end() ||
        (next != series.times_ns.begin() && from_ns - *(next - 1) < *next - from_ns))
      nearest = next - 1;
    if (std::abs(*nearest - from_ns) > reach_ns) continue;
    const size_t j = static_cast<size_t>(nearest - series.times_ns.begin());
    for (size_t c = 0; c < C; ++c) {
      moved[i * C + c] = series.values[j * C + c];
      has_any = has_any || !std::isnan(moved[i * C + c]);
    }
  }
  series.values = std::move(moved);
  if (has_any)
    *value = std::move(series);
  else
    *value = std::monostate();
}

// A stretch of a container moves; of all else frames do, the first (or last) of them held.
void shift_video(double later_s, data::Value* value) {
  formats::Video video;
  if (const auto* given = std::get_if<data::Path>(value)) {
    const formats::MediaPath path = formats::parse_media_path(given->path);
    if (path.has_stretch() && path.row < 0) {
      const double end = formats::video_info(path.file).duration_s;
      const double from = std::max(path.from_s - later_s, 0.0);
      const double to = std::min(std::min(path.to_s, end) - later_s, end);
      if (from >= to)
        *value = std::monostate();
      else
        *value = data::Path{fmt::format("{}#t={:.9f},{:.9f}", path.file, from, to)};
      return;
    }
    video = formats::read_video(path.file);
  } else {
    video = std::get<formats::Video>(*value);
  }
  const std::vector<formats::Frame> frames = video.frames;
  const int64_t later_ns = align::nearest_whole(later_s * 1e9);
  for (formats::Frame& frame : video.frames) {
    const auto after = std::upper_bound(
        frames.begin(), frames.end(), frame.time_ns - later_ns,
        [](int64_t time_ns, const formats::Frame& other) { return time_ns < other.time_ns; });
    frame.image = (after == frames.begin() ? after : after - 1)->image;
  }
  *value = std::move(video);
}

}  // namespace

void shift_in_time(const data::Modality& modality, double later_s, data::Sample* sample) {
  change_value(modality, sample, [&](data::Value* value) {
    switch (modality.kind) {
      case data::Kind::audio:
        return shift_sound(later_s, value);
      case data::Kind::series:
        return shift_series(later_s, value);
      case data::Kind::video:
        return shift_video(later_s, value);
      default:
        fail(ErrorKind::internal, "no clock of kind {}", data::to_string(modality.kind));
    }
  });
}

}  // namespace braid::corruptions
