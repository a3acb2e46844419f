#include <gmock/gmock.h>

#include <limits>

#include "formats/audio.h"
#include "formats/media_samples.h"

namespace braid::formats {
namespace {

using namespace std::string_literals;
using braid::testing::error_of;

TEST(wav, writes_header_and_samples) {
  // 0.5 * 32768 = 16384 = 0x4000; -1 is 0x8000; +1 does not fit and is clipped to 0x7fff.
  const std::string expected =
      "RIFF\x2A\0\0\0WAVE"  // 36 + 3 samples of 2 bytes = 42
      "fmt \x10\0\0\0\x01\0\x01\0\x40\x1F\0\0\x80\x3E\0\0\x02\0\x10\0"  // 8000 Hz, 16000 bytes/s
      "data\x06\0\0\0\0\x40\0\x80\xFF\x7F"s;
  EXPECT_EQ(encode_wav({{0.5f, -1.0f, 1.0f}, 8000}), expected);
}

TEST(wav, refuses_what_it_cannot_write) {
  EXPECT_EQ(error_of(ErrorKind::usage,
                     [] {
                       encode_wav({{0.0f}, 0});
                     }),
            "encode_wav: rate: expected above 0 Hz, got 0");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(error_of(ErrorKind::numeric,
                     [&] {
                       encode_wav({{0.0f, nan}, 8000});
                     }),
            "encode_wav: sample 1: expected a finite number, got nan");
}

}  // namespace
}  // namespace braid::formats
