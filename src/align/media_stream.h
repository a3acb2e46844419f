// Sound and video as streams: which files they are, what they hold, and the stretches of them that
// samples name where a stream stays media instead of being put on ticks.
#pragma once
#include <cstdint>
#include <string>

#include "align/windows.h"
#include "formats/media_path.h"

namespace braid::align {

enum class MediaKind { none, sound, video };
const char* to_string(MediaKind kind);

/// By the extension: video is .mp4 .avi .mpg .mpeg .mov .mkv .webm; sound is what
/// formats::decode_audio reads, and a container's sound, "clip.mp4#audio".
///
/// Errors   data: as formats::parse_media_path().
MediaKind media_kind(const std::string& path);

/// The file of a stream of sound or video. Errors: usage, where the path names a stretch of it.
formats::MediaPath whole_media(const std::string& path);

/// What a file of sound or video holds, on its own clock: 0 is a sound's first sample, and a
/// container's start.
struct MediaFacts {
  MediaKind kind = MediaKind::none;
  int64_t count = 0;  // samples or frames
  double rate_hz = 0;
  int64_t start_ns = 0, end_ns = 0;
  std::string note;  // "the file ends early: ..."
};

/// Sound is decoded, of a video the packets are read.
///
/// Errors   as formats::read_audio() and video_info(). usage: a stretch in the path; neither kind.
MediaFacts read_media(const std::string& path);

/// What a window is of the file, on the file's own clock: the window less `zero_ns`, the time of
/// the file's 0 on the window's clock, clipped to the file. Empty where they do not touch, or no
/// sample of a sound lies in it. Of a video it may be less than a frame: the frame shown then.
Span cut_of(const MediaFacts& media, const Span& window, int64_t zero_ns);

/// "clip.mp4#audio&t=1.5,2" of "clip.mp4#audio": every nanosecond kept.
std::string path_of_cut(const std::string& path, const Span& cut);

}  // namespace braid::align
