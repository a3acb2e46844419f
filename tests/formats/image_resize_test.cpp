#include <gmock/gmock.h>

#include <cmath>

#include "core/rng.h"
#include "formats/image.h"
#include "formats/media_samples.h"
#include "formats/npy.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

using braid::testing::error_of;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;

Image image_of(int height, int width, int channels, std::vector<uint8_t> pixels) {
  Image image;
  image.height = height;
  image.width = width;
  image.channels = channels;
  image.pixels = std::move(pixels);
  return image;
}

void expect_levels(const std::vector<float>& got, const std::vector<double>& levels) {
  ASSERT_EQ(got.size(), levels.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i] * 255, levels[i], 1e-3) << i;
}

TEST(image_resize, same_size_changes_nothing) {
  expect_levels(resize_image(image_of(2, 2, 1, {0, 10, 200, 255}), 2, 2, 1), {0, 10, 200, 255});
  // Interleaved RGB becomes planar.
  expect_levels(resize_image(image_of(1, 2, 3, {1, 2, 3, 4, 5, 6}), 1, 2, 3), {1, 4, 2, 5, 3, 6});
}

TEST(image_resize, grows_bilinearly) {
  // Centres 0.25, 0.75, 1.25, 1.75 of the old row: 0, 0.75*0 + 0.25*100, ..., 100.
  expect_levels(resize_image(image_of(1, 2, 1, {0, 100}), 1, 4, 1), {0, 25, 75, 100});
}

TEST(image_resize, shrinks_with_a_widened_triangle) {
  // Scale 2, support 2, first centre 1: samples 0..2 at distances 0.5, 0.5, 1.5 of 2 weigh
  // 0.75, 0.75, 0.25 (sum 1.75). (0 * 0.75 + 80 * 0.75 + 160 * 0.25) / 1.75 = 57.142857
  // Second centre 3: samples 1..3 weigh 0.25, 0.75, 0.75: (20 + 120 + 180) / 1.75 = 182.857143
  expect_levels(resize_image(image_of(1, 4, 1, {0, 80, 160, 240}), 1, 2, 1),
                {57.142857, 182.857143});
}

TEST(image_resize, keeps_a_flat_picture_flat) {
  const Image image = image_of(37, 53, 1, std::vector<uint8_t>(37 * 53, 77));
  for (int size : {1, 5, 36, 37, 90})
    for (const char* fit : {"stretch", "crop"})
      EXPECT_THAT(resize_image(image, size, size + 3, 1, fit), Each(FloatNear(77.0f / 255, 1e-5f)));
}

TEST(image_resize, converts_channels) {
  // 0.299 * 100 + 0.587 * 50 + 0.114 * 200 = 82.05
  expect_levels(resize_image(image_of(1, 1, 3, {100, 50, 200}), 1, 1, 1), {82.05});
  expect_levels(resize_image(image_of(1, 1, 1, {9}), 1, 1, 3), {9, 9, 9});
  // Alpha 51 of 255 is 0.2: 0.2 * 100 + 0.8 * 255 = 224, on black 20.
  const Image image = image_of(1, 1, 4, {100, 50, 200, 51});
  expect_levels(resize_image(image, 1, 1, 3), {224, 214, 244});
  expect_levels(resize_image(image, 1, 1, 3, "stretch", /*background=*/0), {20, 10, 40});
}

TEST(image_resize, transparent_pixels_do_not_bleed) {
  // The colour of a wholly transparent pixel does not matter.
  const Image red = image_of(1, 2, 4, {10, 20, 30, 255, 255, 0, 0, 0});
  const Image blue = image_of(1, 2, 4, {10, 20, 30, 255, 0, 0, 255, 0});
  EXPECT_EQ(resize_image(red, 3, 5, 3), resize_image(blue, 3, 5, 3));
}

TEST(image_resize, keeps_16_bit_precision) {
  Image image;
  image.width = image.height = image.channels = 1;
  image.bits = 16;
  image.pixels16 = {257};
  EXPECT_THAT(resize_image(image, 1, 1, 1), ElementsAre(FloatNear(257.0f / 65535, 1e-8f)));
}

TEST(image_resize, pads_with_the_background) {
  // 4x2 into 4x4: one background row above and below.
  const Image image = image_of(2, 4, 1, {1, 2, 3, 4, 5, 6, 7, 8});
  expect_levels(resize_image(image, 4, 4, 1, "pad", /*background=*/0),
                {0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0});
  // A thin line keeps at least one pixel.
  const std::vector<float> line =
      resize_image(image_of(1, 100, 1, std::vector<uint8_t>(100, 0)), 3, 3, 1, "pad");
  EXPECT_THAT(line, ElementsAre(1, 1, 1, 0, 0, 0, 1, 1, 1));
}

TEST(image_resize, crops_the_centre) {
  // 4x2 into 2x2 keeps columns 1 and 2.
  const Image image = image_of(2, 4, 1, {1, 2, 3, 4, 5, 6, 7, 8});
  expect_levels(resize_image(image, 2, 2, 1, "crop"), {2, 3, 6, 7});
}

// The slow reference: every output sample straight from the definition, both axes at once.
double triangle_sample(const Image& image, int height, int width, int y, int x) {
  auto weight = [](int i, double centre, double support) {
    return std::max(0.0, 1 - std::abs((i + 0.5 - centre) / support));
  };
  const double scale_x = double(image.width) / width, scale_y = double(image.height) / height;
  const double support_x = std::max(1.0, scale_x), support_y = std::max(1.0, scale_y);
  double sum = 0, total = 0;
  for (int i = 0; i < image.height; ++i)
    for (int j = 0; j < image.width; ++j) {
      const double w =
          weight(i, (y + 0.5) * scale_y, support_y) * weight(j, (x + 0.5) * scale_x, support_x);
      sum += w * image.pixels[static_cast<size_t>(i) * image.width + j];
      total += w;
    }
  return sum / total;
}

TEST(image_resize, equals_the_slow_reference) {
  Rng rng(5);
  std::vector<uint8_t> pixels(13 * 9);
  for (uint8_t& value : pixels) value = static_cast<uint8_t>(rng.below(256));
  const Image image = image_of(13, 9, 1, pixels);
  for (auto [height, width] : {std::pair{5, 4}, {13, 20}, {30, 3}, {1, 1}}) {
    const std::vector<float> got = resize_image(image, height, width, 1);
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        EXPECT_NEAR(got[static_cast<size_t>(y) * width + x] * 255,
                    triangle_sample(image, height, width, y, x), 1e-3);
  }
}

TEST(image_resize, names_what_is_wrong) {
  const Image image = image_of(1, 1, 1, {0});
  EXPECT_EQ(error_of(ErrorKind::usage, [&] { resize_image(image, 0, 4, 1); }),
            "resize_image: size: expected at least 1x1, got 4x0");
  EXPECT_EQ(error_of(ErrorKind::usage, [&] { resize_image(image, 4, 4, 2); }),
            "resize_image: channels_out: expected 1 or 3, got 2");
  EXPECT_EQ(error_of(ErrorKind::usage, [&] { resize_image(image, 4, 4, 1, "crob"); }),
            "resize_image: unknown fit 'crob'; did you mean 'crop'? (known: stretch, pad, crop)");
  EXPECT_EQ(error_of(ErrorKind::shape, [&] { resize_image(image_of(2, 2, 1, {0}), 4, 4, 1); }),
            "resize_image: expected 4 samples for 2x2x1, got 1");
  EXPECT_EQ(error_of(ErrorKind::shape, [&] { resize_image(Image(), 4, 4, 1); }),
            "resize_image: expected 0 samples for 0x0x0, got 0");
}

// Pillow's Image.resize(BILINEAR), which rounds to 8 bits after each of its two passes.
TEST(image_resize, equals_pillow_within_its_rounding) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  const std::string folder = goldens + "/processors/image/";
  for (const std::string name : {"rgb_up", "rgb_down", "rgb_wide"}) {
    const NpyArray source = read_npy(folder + "images/" + name + ".rgb.npy");
    const Image image =
        image_of(static_cast<int>(source.shape[0]), static_cast<int>(source.shape[1]), 3,
                 {source.values.begin(), source.values.end()});
    for (auto [width, height] : {std::pair{32, 32}, {50, 23}, {80, 111}}) {
      const NpyArray expected =
          read_npy(folder + "resize/" + name + "_bilinear_" + std::to_string(width) + "x" +
                   std::to_string(height) + ".npy");
      ASSERT_EQ(expected.shape, (std::vector<int64_t>{height, width, 3}));
      const std::vector<float> got = resize_image(image, height, width, 3);
      double worst = 0;
      for (int c = 0; c < 3; ++c)
        for (int i = 0; i < height * width; ++i)
          worst = std::max(worst, std::abs(got[static_cast<size_t>(c) * height * width + i] * 255 -
                                           expected.values[static_cast<size_t>(i) * 3 + c]));
      EXPECT_LE(worst, 1.001) << name << " " << width << "x" << height;
    }
  }
}

}  // namespace
}  // namespace braid::formats
