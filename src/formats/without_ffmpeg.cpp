// What stands in for the media files of this folder in a build without FFmpeg.
#include "core/error.h"
#include "formats/audio.h"
#include "formats/image.h"
#include "formats/video.h"

namespace braid::formats {
namespace {

[[noreturn]] void refuse(const std::string& where) {
  fail(ErrorKind::usage,
       "{}: Braid was built without FFmpeg and can neither read nor write pictures, sound "
       "and video; install FFmpeg's development packages and build again",
       where);
}

}  // namespace

Image decode_image(std::string_view, const std::string& name, const ImageLimits&) { refuse(name); }
Image read_image(const std::string& path, const ImageLimits&) { refuse(path); }
std::string encode_png(const Image&) { refuse("encode_png"); }
bool has_ffmpeg() { return false; }

Audio decode_audio(std::string_view, const std::string& name, int, AudioInfo*, const AudioLimits&) {
  refuse(name);
}
Audio read_audio(const std::string& path, int, AudioInfo*, const AudioLimits&) { refuse(path); }
AudioTrack decode_audio_track(std::string_view, const std::string& name, int, const AudioLimits&) {
  refuse(name);
}
AudioTrack read_audio_track(const std::string& path, int, const AudioLimits&) { refuse(path); }
Audio from_container_start(AudioTrack) { refuse("from_container_start"); }
std::vector<float> resample(const std::vector<float>&, int, int) { refuse("resample"); }

Video decode_video(std::string_view, const std::string& name, const VideoOptions&) { refuse(name); }
Video read_video(const std::string& path, const VideoOptions&) { refuse(path); }
VideoInfo decode_video_info(std::string_view, const std::string& name, const VideoLimits&) {
  refuse(name);
}
VideoInfo video_info(const std::string& path, const VideoLimits&) { refuse(path); }

}  // namespace braid::formats
