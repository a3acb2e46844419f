#include <gmock/gmock.h>

#include <cstdlib>

#include "formats/image_pixels.h"
#include "formats/media_samples.h"
#include "formats/npy.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

using braid::testing::pixel;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

ffmpeg::Frame frame_of(AVPixelFormat format, int width, int height) {
  ffmpeg::Frame frame = ffmpeg::make_frame();
  frame->format = format;
  frame->width = width;
  frame->height = height;
  EXPECT_GE(av_frame_get_buffer(frame.get(), 0), 0);
  return frame;
}

void fill(AVFrame* frame, int plane, const std::vector<std::vector<int>>& rows) {
  for (size_t y = 0; y < rows.size(); ++y)
    for (size_t x = 0; x < rows[y].size(); ++x)
      frame->data[plane][static_cast<int>(y) * frame->linesize[plane] + static_cast<int>(x)] =
          static_cast<uint8_t>(rows[y][x]);
}

// With Y = 0 and Cb = 128 red is round(1.402 (Cr - 128)), so that it shows the chroma's upsampling.
std::vector<int> reds(const Image& image, int y) {
  std::vector<int> values;
  for (int x = 0; x < image.width; ++x) values.push_back(pixel(image, x, y)[0]);
  return values;
}
int red_of(int cr) { return std::min(255, static_cast<int>(1.402 * (cr - 128) + 0.5)); }

TEST(jpeg_rgb, converts_by_full_range_bt601) {
  const ffmpeg::Frame frame = frame_of(AV_PIX_FMT_YUVJ444P, 3, 1);
  fill(frame.get(), 0, {{100, 100, 250}});
  fill(frame.get(), 1, {{128, 138, 128}});
  fill(frame.get(), 2, {{128, 118, 200}});
  Image image;
  image.width = 3;
  image.height = 1;
  ASSERT_TRUE(jpeg_to_rgb(*frame, &image));
  EXPECT_THAT(pixel(image, 0, 0), ElementsAre(100, 100, 100));
  // 100 - 14.02 = 85.98; 100 - 3.4414 + 7.1414 = 103.7; 100 + 17.72 = 117.72
  EXPECT_THAT(pixel(image, 1, 0), ElementsAre(86, 104, 118));
  // 250 + 100.9 is clipped; 250 - 51.42 = 198.58
  EXPECT_THAT(pixel(image, 2, 0), ElementsAre(255, 199, 250));
}

TEST(jpeg_rgb, upsamples_columns_with_a_triangle) {
  const ffmpeg::Frame frame = frame_of(AV_PIX_FMT_YUVJ422P, 6, 1);
  fill(frame.get(), 0, {{0, 0, 0, 0, 0, 0}});
  fill(frame.get(), 1, {{128, 128, 128}});
  fill(frame.get(), 2, {{140, 160, 200}});
  Image image;
  image.width = 6;
  image.height = 1;
  ASSERT_TRUE(jpeg_to_rgb(*frame, &image));
  // 140 | (3*140+160+2)/4 = 145 | (3*160+140+1)/4 = 155 | (3*160+200+2)/4 = 170 |
  // (3*200+160+1)/4 = 190 | 200
  EXPECT_THAT(reds(image, 0), ElementsAre(red_of(140), red_of(145), red_of(155), red_of(170),
                                          red_of(190), red_of(200)));
}

TEST(jpeg_rgb, upsamples_rows_and_columns_together) {
  const ffmpeg::Frame frame = frame_of(AV_PIX_FMT_YUVJ420P, 5, 3);
  fill(frame.get(), 0, {{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}});
  fill(frame.get(), 1, {{128, 128, 128}, {128, 128, 128}});
  fill(frame.get(), 2, {{140, 160, 200}, {180, 160, 140}});
  Image image;
  image.width = 5;
  image.height = 3;
  ASSERT_TRUE(jpeg_to_rgb(*frame, &image));
  // Row 1 lies nearer chroma row 0: sums 3*140+180 = 600, 640, 740. Columns: (4*600+8)/16 = 150,
  // (3*600+640+7)/16 = 152, (3*640+600+8)/16 = 158, (3*640+740+7)/16 = 166, (3*740+640+8)/16 = 179.
  EXPECT_THAT(reds(image, 1),
              ElementsAre(red_of(150), red_of(152), red_of(158), red_of(166), red_of(179)));
  // Row 0 has only its own chroma row: sums 4*140 = 560, 640, 800.
  // (4*560+8)/16 = 140, (3*560+640+7)/16 = 145, (3*640+560+8)/16 = 155, (3*640+800+7)/16 = 170,
  // 190.
  EXPECT_THAT(reds(image, 0),
              ElementsAre(red_of(140), red_of(145), red_of(155), red_of(170), red_of(190)));
}

TEST(jpeg_rgb, leaves_other_subsampling_to_swscale) {
  const ffmpeg::Frame frame = frame_of(AV_PIX_FMT_YUVJ411P, 8, 1);
  fill(frame.get(), 0, {{9, 9, 9, 9, 9, 9, 9, 9}});
  fill(frame.get(), 1, {{128, 128}});
  fill(frame.get(), 2, {{128, 128}});
  Image unused;
  EXPECT_FALSE(jpeg_to_rgb(*frame, &unused));
  const Image image = image_from_frame(*frame, /*is_jpeg=*/true, "x.jpg");
  EXPECT_EQ(image.channels, 3);
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(pixel(image, 3, 0)[c], 9, 2);
}

// Pillow with libjpeg-turbo. FFmpeg's inverse DCT rounds a few samples the other way, by one level
// in YCbCr, which is up to 3 in RGB; the other steps are the same to the bit.
TEST(jpeg_rgb, equals_pillow_but_for_the_inverse_dct) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  const std::string folder = goldens + "/processors/image/images/";
  for (const std::string name : {"rgb_down_q80.jpg", "rgb_down_q92.jpg"}) {
    const Image image = read_image(folder + name);
    const NpyArray expected = read_npy(folder + name + ".rgb.npy");
    ASSERT_EQ(expected.values.size(), image.pixels.size());
    int worst = 0;
    size_t num_different = 0;
    for (size_t i = 0; i < image.pixels.size(); ++i) {
      const int difference = std::abs(image.pixels[i] - static_cast<int>(expected.values[i]));
      worst = std::max(worst, difference);
      num_different += difference != 0;
    }
    EXPECT_LE(worst, 3) << name;
    EXPECT_LT(num_different, image.pixels.size() / 20) << name;
  }
}

}  // namespace
}  // namespace braid::formats
