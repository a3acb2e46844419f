// A file with a video track, an audio track or both, opened through FFmpeg, and the clock that the
// two tracks share. Internal to src/formats.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "formats/ffmpeg.h"

namespace braid::formats {

/// An opened container. Time 0 is the earlier of the starts of its two tracks, for either track.
/// Pictures that merely decorate a sound file are no video track.
class Container {
 public:
  /// Recognised by content; `bytes` must outlive the object. Pictures of more than `max_pixels` and
  /// 64 Mi pixels are not decoded to look into a track. Errors: format.
  Container(std::string_view bytes, const std::string& name, int64_t max_pixels = 0);

  AVFormatContext* get() const { return input_.get(); }
  AVStream* video() const { return video_; }  // nullptr where there is none
  AVStream* audio() const { return audio_; }

  /// The track, with all others set aside. Errors: format, where there is none.
  AVStream* choose_video();
  AVStream* choose_audio();

  /// A track's timestamp as nanoseconds from time 0.
  int64_t time_ns(const AVStream& track, int64_t timestamp) const;

 private:
  AVStream* choose(AVStream* track, const char* wanted, const char* other);
  std::string name_;
  ffmpeg::MemoryInput input_;
  AVStream* video_ = nullptr;
  AVStream* audio_ = nullptr;
  int64_t zero_ns_ = 0;
};

}  // namespace braid::formats
