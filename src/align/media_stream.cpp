#include "align/media_stream.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "align/columns.h"
#include "align/series.h"
#include "core/error.h"
#include "formats/audio.h"
#include "formats/video.h"

namespace braid::align {
namespace {

const char* const kKinds[] = {"none", "sound", "video"};
const char* const kSound[] = {".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a"};
const char* const kVideo[] = {".mp4", ".avi", ".mpg", ".mpeg", ".mov", ".mkv", ".webm"};

template <class Words>
bool has(const Words& words, const std::string& word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

int64_t to_ns(double seconds) { return nearest_whole(seconds * 1e9); }

}  // namespace

const char* to_string(MediaKind kind) { return kKinds[static_cast<int>(kind)]; }

MediaKind media_kind(const std::string& path) {
  if (delimiter_of(path) != '\0' || extension_of(path) == ".npy") return MediaKind::none;
  const formats::MediaPath media = formats::parse_media_path(path);
  const std::string extension = extension_of(media.file);
  if (media.row >= 0) return MediaKind::none;
  if (has(kSound, extension)) return MediaKind::sound;
  if (!has(kVideo, extension)) return MediaKind::none;
  return media.is_audio_track ? MediaKind::sound : MediaKind::video;
}

formats::MediaPath whole_media(const std::string& path) {
  formats::MediaPath media = formats::parse_media_path(path);
  BRAID_CHECK(!media.has_stretch(), usage,
              "{}: expected a whole file, got a stretch of one; windows say what is cut out", path);
  return media;
}

MediaFacts read_media(const std::string& path) {
  whole_media(path);
  MediaFacts media;
  media.kind = media_kind(path);
  BRAID_CHECK(media.kind != MediaKind::none, usage, "{}: expected sound or video, got '{}'", path,
              extension_of(path));
  if (media.kind == MediaKind::sound) {
    const formats::Audio audio = formats::read_audio(path, /*rate_hz=*/0);
    media.count = static_cast<int64_t>(audio.samples.size());
    media.rate_hz = audio.rate_hz;
    media.end_ns = to_ns(static_cast<double>(media.count) / media.rate_hz);
    return media;
  }
  const formats::VideoInfo info = formats::video_info(path);
  media.count = info.num_frames;
  media.rate_hz = info.rate_hz;
  media.start_ns = std::max<int64_t>(0, info.start_ns);
  media.end_ns = saturating_add(info.start_ns, to_ns(info.duration_s));
  if (info.is_truncated) media.note = "the file ends early: " + info.note;
  return media;
}

Span cut_of(const MediaFacts& media, const Span& window, int64_t zero_ns) {
  Span cut;
  cut.start_ns = std::max(media.start_ns, saturating_sub(window.start_ns, zero_ns));
  cut.end_ns = std::min(media.end_ns, saturating_sub(window.end_ns, zero_ns));
  if (cut.is_empty()) return {};
  if (media.kind != MediaKind::sound) return cut;
  // As formats::read_audio() will take them, from the same numbers of seconds.
  const auto sample = [&](int64_t ns) {
    return std::round(static_cast<double>(ns) / 1e9 * media.rate_hz);
  };
  const double end = std::min(static_cast<double>(media.count), sample(cut.end_ns));
  return sample(cut.start_ns) < end ? cut : Span{};
}

std::string path_of_cut(const std::string& path, const Span& cut) {
  const bool is_track = formats::parse_media_path(path).is_audio_track;
  return fmt::format("{}{}t={},{}", path, is_track ? '&' : '#', seconds_text(cut.start_ns),
                     seconds_text(cut.end_ns));
}

}  // namespace braid::align
