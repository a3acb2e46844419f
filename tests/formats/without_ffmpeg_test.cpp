#include <gmock/gmock.h>

#include "formats/audio.h"
#include "formats/image.h"
#include "formats/media_samples.h"
#include "formats/video.h"

namespace braid::formats {
namespace {

using braid::testing::error_of;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(without_ffmpeg, says_what_is_missing) {
  EXPECT_FALSE(has_ffmpeg());
  EXPECT_EQ(
      error_of(ErrorKind::usage, [] { read_image("a/b.png"); }),
      "a/b.png: Braid was built without FFmpeg and can neither read nor write pictures, sound and "
      "video; install FFmpeg's development packages and build again");
  const std::string missing = "built without FFmpeg";
  EXPECT_THAT(error_of(ErrorKind::usage, [] { decode_image("", "x.png"); }), StartsWith("x.png: "));
  EXPECT_THAT(error_of(ErrorKind::usage, [] { encode_png(Image()); }), HasSubstr(missing));
  EXPECT_THAT(error_of(ErrorKind::usage, [] { read_audio("x.wav", 0); }), HasSubstr(missing));
  EXPECT_THAT(error_of(ErrorKind::usage, [] { decode_audio("", "x.wav", 0); }), HasSubstr(missing));
  EXPECT_THAT(error_of(ErrorKind::usage, [] { read_audio_track("x.mp4", 0); }), HasSubstr(missing));
  EXPECT_THAT(error_of(ErrorKind::usage, [] { read_video("x.mp4"); }), HasSubstr(missing));
  EXPECT_THAT(error_of(ErrorKind::usage, [] { video_info("x.mp4"); }), HasSubstr(missing));
  EXPECT_THAT(error_of(ErrorKind::usage, [] { resample({}, 1, 2); }), HasSubstr(missing));
}

}  // namespace
}  // namespace braid::formats
