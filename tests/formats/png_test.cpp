#include <gmock/gmock.h>

#include "core/rng.h"
#include "formats/image.h"
#include "formats/media_samples.h"

namespace braid::formats {
namespace {

using braid::testing::error_of;
using ::testing::StartsWith;

Image random_image(int width, int height, int channels, int bits) {
  Rng rng(3);
  Image image;
  image.width = width;
  image.height = height;
  image.channels = channels;
  image.bits = bits;
  for (int i = 0; i < width * height * channels; ++i) {
    if (bits == 8) image.pixels.push_back(static_cast<uint8_t>(rng.below(256)));
    if (bits == 16) image.pixels16.push_back(static_cast<uint16_t>(rng.below(65536)));
  }
  return image;
}

TEST(png, reads_back_what_it_wrote) {
  for (int channels : {1, 3, 4}) {
    for (int bits : {8, 16}) {
      for (auto [width, height] : {std::pair{1, 1}, {7, 5}, {33, 20}}) {
        const Image image = random_image(width, height, channels, bits);
        const std::string bytes = encode_png(image);
        EXPECT_THAT(bytes, StartsWith("\x89PNG\r\n"));
        const Image back = decode_image(bytes, "back.png");
        EXPECT_EQ(back.width, width);
        EXPECT_EQ(back.height, height);
        EXPECT_EQ(back.channels, channels);
        EXPECT_EQ(back.bits, bits);
        EXPECT_EQ(back.pixels, image.pixels);
        EXPECT_EQ(back.pixels16, image.pixels16);
      }
    }
  }
}

TEST(png, refuses_what_is_no_picture) {
  Image image = random_image(4, 3, 1, 8);
  image.pixels.pop_back();
  EXPECT_EQ(error_of(ErrorKind::shape, [&] { encode_png(image); }),
            "encode_png: expected 12 samples for 3x4x1, got 11");
  image.channels = 2;
  EXPECT_EQ(error_of(ErrorKind::shape, [&] { encode_png(image); }),
            "encode_png: channels: expected 1, 3 or 4, got 2");
  EXPECT_EQ(error_of(ErrorKind::shape, [] { encode_png(Image()); }),
            "encode_png: expected at least 1x1 pixels, got 0x0");
}

}  // namespace
}  // namespace braid::formats
