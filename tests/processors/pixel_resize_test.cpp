#include "processors/pixel_resize.h"

#include <gtest/gtest.h>

#include <map>

#include "core/rng.h"
#include "processors/golden_pictures.h"

namespace braid::processors {
namespace {

using braid::testing::difference;
using braid::testing::files_that_end_in;
using braid::testing::goldens_folder;
using braid::testing::image_of;
using formats::Image;

// Levels themselves.
LevelTables levels() {
  LevelTables tables;
  for (auto& table : tables)
    for (int level = 0; level < 256; ++level) table[level] = static_cast<float>(level);
  return tables;
}

// (height, width, 3), as pictures are stored.
std::vector<float> resized(const Image& image, Kernel kernel, Arithmetic arithmetic, int height,
                           int width) {
  const size_t plane = static_cast<size_t>(height) * width;
  std::vector<float> planar(3 * plane), packed(3 * plane);
  resize_pixels(image, /*is_on_white=*/false,
                make_pixel_taps(kernel, arithmetic, {image.width, width, 0, width}),
                make_pixel_taps(kernel, arithmetic, {image.height, height, 0, height}), levels(),
                {planar.data(), static_cast<size_t>(width), plane});
  for (size_t c = 0; c < 3; ++c)
    for (size_t i = 0; i < plane; ++i) packed[3 * i + c] = planar[c * plane + i];
  return packed;
}

TEST(pixel_resize, every_kernel_gives_pillow_s_levels) {
  const std::string root = goldens_folder() + "/processors/image";
  if (goldens_folder().empty()) GTEST_SKIP() << "no goldens folder; set BRAID_GOLDENS";
  const std::map<std::string, Kernel> kernels = {{"nearest", Kernel::nearest},
                                                 {"lanczos", Kernel::lanczos},
                                                 {"bilinear", Kernel::bilinear},
                                                 {"bicubic", Kernel::bicubic}};
  const std::vector<std::string> files = files_that_end_in(root + "/resize", ".npy");
  EXPECT_GE(files.size(), 30u);
  for (const std::string& file : files) {  // rgb_down_bicubic_32x32.npy
    std::string name = std::filesystem::path(file).stem().string();
    name = name.substr(0, name.rfind('_'));
    const size_t split = name.rfind('_');
    const Image image =
        image_of(formats::read_npy(root + "/images/" + name.substr(0, split) + ".rgb.npy"));
    const formats::NpyArray expected = formats::read_npy(file);
    const std::vector<float> got =
        resized(image, kernels.at(name.substr(split + 1)), Arithmetic::pillow,
                static_cast<int>(expected.shape[0]), static_cast<int>(expected.shape[1]));
    EXPECT_EQ(difference(got, expected).num_unequal, 0) << file;
  }
}

// The obvious way: each pass over the whole picture.
std::vector<float> plainly(const Image& image, Kernel kernel, int height, int width) {
  const PixelTaps across =
      make_pixel_taps(kernel, Arithmetic::pillow, {image.width, width, 0, width});
  const PixelTaps down =
      make_pixel_taps(kernel, Arithmetic::pillow, {image.height, height, 0, height});
  const auto level = [](int32_t sum, const PixelTaps& taps) {
    return std::clamp((sum + rounding(taps)) >> taps.shift, 0, 255);
  };
  std::vector<int> between(static_cast<size_t>(image.height) * width * 3);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c) {
        int32_t sum = 0;
        for (int k = 0; k < across.count[x]; ++k)
          sum += across.fixed[x * across.stride + k] *
                 image.pixels[(y * image.width + across.first[x] + k) * 3 + c];
        between[(y * width + x) * 3 + c] = level(sum, across);
      }
  std::vector<float> out;
  for (int y = 0; y < height; ++y)
    for (int i = 0; i < width * 3; ++i) {
      int32_t sum = 0;
      for (int k = 0; k < down.count[y]; ++k)
        sum += down.fixed[y * down.stride + k] * between[(down.first[y] + k) * width * 3 + i];
      out.push_back(static_cast<float>(level(sum, down)));
    }
  return out;
}

TEST(pixel_resize, any_size_is_what_two_plain_passes_give) {
  Rng random(3);
  for (int i = 0; i < 60; ++i) {
    Image image;
    image.channels = 3;
    image.width = static_cast<int>(1 + random.below(70));
    image.height = static_cast<int>(1 + random.below(70));
    for (int k = 0; k < image.width * image.height * 3; ++k)
      image.pixels.push_back(static_cast<uint8_t>(random.below(256)));
    const auto height = static_cast<int>(1 + random.below(70));
    const auto width = static_cast<int>(1 + random.below(70));
    const auto kernel = static_cast<Kernel>(1 + i % 5);
    EXPECT_EQ(resized(image, kernel, Arithmetic::pillow, height, width),
              plainly(image, kernel, height, width))
        << image.width << "x" << image.height << " to " << width << "x" << height;
  }
}

}  // namespace
}  // namespace braid::processors
