// What of a file a manifest's cell means: a row of an array, the sound of a video, a stretch of
// time.
#pragma once
#include <cstdint>
#include <limits>
#include <string>

namespace braid::formats {

/// "a.npy#3", "clip.mp4#audio", "talk.wav#t=1.5,2", "clip.mp4#audio&t=,0.8".
struct MediaPath {
  std::string file;
  int64_t row = -1;             // of a .npy array; -1 = all of it
  bool is_audio_track = false;  // of a container
  double from_s = 0;            // [from, to) of the file's own clock
  double to_s = std::numeric_limits<double>::infinity();

  bool has_stretch() const { return from_s > 0 || to_s < std::numeric_limits<double>::infinity(); }
};

/// What stands after the last '#', where it is a row or parts joined by '&'; else all is the file's
/// name. Times are seconds, as in W3C Media Fragments URI 1.0: t=FROM,TO; t=FROM; t=,TO.
///
/// Errors   data: "t=" without two such numbers, negative ones, or an end that is not after its
///          start.
MediaPath parse_media_path(const std::string& path);

}  // namespace braid::formats
