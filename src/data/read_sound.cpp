#include "data/read_sound.h"

#include <algorithm>
#include <cmath>

#include "data/prepare_kinds.h"
#include "formats/media_path.h"

namespace braid::data {
namespace {

// The whole sound, cut to where its stretch lies now; what is not there is silence.
formats::Audio read_late(const Path& given) {
  const formats::MediaPath path = formats::parse_media_path(given.path);
  const formats::Audio all =
      formats::read_audio(path.file + (path.is_audio_track ? "#audio" : ""), /*rate_hz=*/0);
  const auto size = static_cast<int64_t>(all.samples.size());
  const double rate = all.rate_hz;
  const auto sample_at = [rate](double s) { return static_cast<int64_t>(std::llround(s * rate)); };
  const int64_t shift = sample_at(given.late_s);
  const int64_t first = sample_at(path.from_s) - shift;
  const int64_t end =
      std::isinf(path.to_s) ? size - shift : std::min(sample_at(path.to_s), size) - shift;
  formats::Audio moved;
  moved.rate_hz = all.rate_hz;
  if (end <= 0 || first >= size) return moved;
  moved.samples = samples_between(all.samples, first, end);
  return moved;
}

}  // namespace

std::vector<float> samples_between(const std::vector<float>& samples, int64_t first, int64_t end) {
  const auto size = static_cast<int64_t>(samples.size());
  std::vector<float> part;
  for (int64_t i = first; i < end; ++i)
    part.push_back(i < 0 || i >= size ? 0.0f : samples[static_cast<size_t>(i)]);
  return part;
}

formats::Audio read_sound(const Value& value) {
  if (const auto* audio = std::get_if<formats::Audio>(&value)) {
    BRAID_CHECK(audio->rate_hz > 0 && !audio->samples.empty(), data,
                "expected sound, got {} samples at {} Hz", audio->samples.size(), audio->rate_hz);
    for (const float sample : audio->samples)
      BRAID_CHECK(std::isfinite(sample), data, "expected finite samples, got {}", sample);
    return *audio;
  }
  const auto* path = std::get_if<Path>(&value);
  BRAID_CHECK(path != nullptr, data, "expected sound, got {}", describe(value));
  check_exists(path->path);
  return path->late_s != 0 ? read_late(*path) : formats::read_audio(path->path, /*rate_hz=*/0);
}

}  // namespace braid::data
