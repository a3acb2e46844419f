#include "formats/image_pixels.h"

#include <gmock/gmock.h>

#include "formats/media_samples.h"

namespace braid::formats {
namespace {

using braid::testing::error_of;
using braid::testing::pixel;
using ::testing::ElementsAre;

// One row of packed samples.
ffmpeg::Frame row_of(AVPixelFormat format, int width, const std::vector<int>& bytes) {
  ffmpeg::Frame frame = ffmpeg::make_frame();
  frame->format = format;
  frame->width = width;
  frame->height = 1;
  EXPECT_GE(av_frame_get_buffer(frame.get(), 0), 0);
  for (size_t i = 0; i < bytes.size(); ++i) frame->data[0][i] = static_cast<uint8_t>(bytes[i]);
  return frame;
}

Image convert(AVPixelFormat format, int width, const std::vector<int>& bytes) {
  return image_from_frame(*row_of(format, width, bytes), /*is_jpeg=*/false, "x");
}

TEST(image_pixels, orders_channels_whatever_the_layout) {
  EXPECT_THAT(pixel(convert(AV_PIX_FMT_RGB24, 1, {1, 2, 3}), 0, 0), ElementsAre(1, 2, 3));
  EXPECT_THAT(pixel(convert(AV_PIX_FMT_BGR24, 1, {1, 2, 3}), 0, 0), ElementsAre(3, 2, 1));
  EXPECT_THAT(pixel(convert(AV_PIX_FMT_RGBA, 1, {1, 2, 3, 4}), 0, 0), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(pixel(convert(AV_PIX_FMT_BGRA, 1, {1, 2, 3, 4}), 0, 0), ElementsAre(3, 2, 1, 4));
  EXPECT_THAT(pixel(convert(AV_PIX_FMT_ARGB, 1, {1, 2, 3, 4}), 0, 0), ElementsAre(2, 3, 4, 1));
  EXPECT_THAT(pixel(convert(AV_PIX_FMT_GRAY8, 1, {7}), 0, 0), ElementsAre(7));
}

TEST(image_pixels, drops_alpha_that_says_nothing) {
  EXPECT_THAT(pixel(convert(AV_PIX_FMT_BGRA, 1, {1, 2, 3, 255}), 0, 0), ElementsAre(3, 2, 1));
}

TEST(image_pixels, grey_with_alpha_becomes_rgba) {
  EXPECT_THAT(pixel(convert(AV_PIX_FMT_YA8, 2, {9, 200, 8, 255}), 0, 0), ElementsAre(9, 9, 9, 200));
}

TEST(image_pixels, keeps_16_bits_of_either_byte_order) {
  const Image big = convert(AV_PIX_FMT_GRAY16BE, 1, {0x12, 0x34});
  EXPECT_EQ(big.bits, 16);
  EXPECT_THAT(pixel(big, 0, 0), ElementsAre(0x1234));
  EXPECT_THAT(pixel(convert(AV_PIX_FMT_GRAY16LE, 1, {0x12, 0x34}), 0, 0), ElementsAre(0x3412));
  EXPECT_THAT(pixel(convert(AV_PIX_FMT_RGB48BE, 1, {0, 1, 0, 2, 1, 0}), 0, 0),
              ElementsAre(1, 2, 256));
  EXPECT_THAT(pixel(convert(AV_PIX_FMT_YA16BE, 1, {1, 0, 0, 5}), 0, 0),
              ElementsAre(256, 256, 256, 5));
}

TEST(image_pixels, scales_odd_depths_to_the_full_range) {
  // Bits 1 0 1 from the left; white is 1 in one format and 0 in the other.
  const Image black = convert(AV_PIX_FMT_MONOBLACK, 3, {0xA0});
  EXPECT_THAT(black.pixels, ElementsAre(255, 0, 255));
  EXPECT_THAT(convert(AV_PIX_FMT_MONOWHITE, 3, {0xA0}).pixels, ElementsAre(0, 255, 0));
  // 10 bits: 1023 is full scale, 512 is round(512 * 65535 / 1023) = 32800.
  EXPECT_THAT(convert(AV_PIX_FMT_GRAY10LE, 2, {0xFF, 0x03, 0x00, 0x02}).pixels16,
              ElementsAre(65535, 32800));
  // RGB565, red alone: 31 of 31.
  EXPECT_THAT(convert(AV_PIX_FMT_RGB565LE, 1, {0x00, 0xF8}).pixels, ElementsAre(255, 0, 0));
}

TEST(image_pixels, refuses_unknown_formats) {
  const ffmpeg::Frame frame = ffmpeg::make_frame();
  frame->format = 99999;
  EXPECT_EQ(error_of(ErrorKind::format, [&] { image_from_frame(*frame, false, "x.png"); }),
            "x.png: pixel format: expected a known one, got number 99999");
}

TEST(image_pixels, turning_twice_or_four_times_gives_the_picture_back) {
  Image image;
  image.width = 3;
  image.height = 2;
  image.channels = 1;
  image.bits = 16;
  image.pixels16 = {1, 2, 3, 4, 5, 6};
  for (int orientation : {1, 2, 3, 4, 5, 7})
    EXPECT_EQ(apply_orientation(apply_orientation(image, orientation), orientation).pixels16,
              image.pixels16);
  // 1 2 3 / 4 5 6 turned clockwise: 4 1 / 5 2 / 6 3; and back.
  const Image turned = apply_orientation(image, 6);
  EXPECT_THAT(turned.pixels16, ElementsAre(4, 1, 5, 2, 6, 3));
  EXPECT_EQ(turned.width, 2);
  EXPECT_EQ(apply_orientation(turned, 8).pixels16, image.pixels16);
}

}  // namespace
}  // namespace braid::formats
