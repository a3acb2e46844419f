// What stands in for the media files of this folder in a build without FFmpeg.
#include "core/error.h"
#include "formats/audio.h"
#include "formats/image.h"

namespace braid::formats {
namespace {

[[noreturn]] void refuse(const std::string& where) {
  fail(ErrorKind::usage,
       "{}: Braid was built without FFmpeg and can neither read nor write pictures and sound; "
       "install "
       "FFmpeg's development packages and build again",
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
std::vector<float> resample(const std::vector<float>&, int, int) { refuse("resample"); }

}  // namespace braid::formats
