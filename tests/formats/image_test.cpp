#include "formats/image.h"

#include <gmock/gmock.h>

#include <thread>

#include "core/rng.h"
#include "formats/media_samples.h"
#include "formats/npy.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

using braid::testing::error_of;
using braid::testing::exif_block;
using braid::testing::media_file;
using braid::testing::pixel;
using braid::testing::with_exif;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Pixel = std::vector<int>;

// The fixtures' picture: red = 10 + 10 x, green = 10 + 14 y, blue = 120, 24 wide and 16 high.
void expect_gradient(const Image& image, int tolerance, const std::string& file) {
  ASSERT_EQ(image.width, 24) << file;
  ASSERT_EQ(image.height, 16) << file;
  ASSERT_GE(image.channels, 3) << file;
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 24; ++x) {
      const Pixel got = pixel(image, x, y);
      EXPECT_NEAR(got[0], 10 + 10 * x, tolerance) << file << " " << x << "," << y;
      EXPECT_NEAR(got[1], 10 + 14 * y, tolerance) << file << " " << x << "," << y;
      EXPECT_NEAR(got[2], 120, tolerance) << file << " " << x << "," << y;
    }
  }
}

TEST(image, reads_lossless_formats_exactly) {
  for (const char* file : {"colour.bmp", "colour.tiff"}) {
    const Image image = decode_image(media_file(file), file);
    EXPECT_EQ(image.channels, 3);
    expect_gradient(image, /*tolerance=*/0, file);
  }
  // The right half of the WebP is transparent: alpha 100.
  const Image image = decode_image(media_file("lossless.webp"), "lossless.webp");
  EXPECT_EQ(image.channels, 4);
  expect_gradient(image, /*tolerance=*/0, "lossless.webp");
  EXPECT_EQ(pixel(image, 11, 0)[3], 255);
  EXPECT_EQ(pixel(image, 12, 0)[3], 100);
}

TEST(image, reads_lossy_formats_closely) {
  // 4:4:4 JPEG keeps the gradient within quantisation; subsampled chroma costs more.
  expect_gradient(decode_image(media_file("colour_444.jpg"), "x"), /*tolerance=*/4, "444");
  expect_gradient(decode_image(media_file("colour_420.jpg"), "x"), /*tolerance=*/14, "420");
  expect_gradient(decode_image(media_file("lossy.webp"), "x"), /*tolerance=*/14, "webp");
}

TEST(image, expands_palettes) {
  // Quarters: red, green, blue and white; in palette_alpha.png white has alpha 0x40.
  for (const char* file : {"palette.png", "palette.gif"}) {
    const Image image = decode_image(media_file(file), file);
    EXPECT_EQ(image.channels, 3) << file;
    EXPECT_THAT(pixel(image, 11, 7), ElementsAre(255, 0, 0)) << file;
    EXPECT_THAT(pixel(image, 12, 7), ElementsAre(0, 255, 0)) << file;
    EXPECT_THAT(pixel(image, 11, 8), ElementsAre(0, 0, 255)) << file;
    EXPECT_THAT(pixel(image, 12, 8), ElementsAre(255, 255, 255)) << file;
  }
  const Image image = decode_image(media_file("palette_alpha.png"), "x");
  EXPECT_THAT(pixel(image, 0, 0), ElementsAre(255, 0, 0, 255));
  EXPECT_THAT(pixel(image, 23, 15), ElementsAre(255, 255, 255, 64));
}

TEST(image, turns_every_exif_orientation_upright) {
  const std::string jpeg = media_file("colour_444.jpg");
  const Image stored = decode_image(jpeg, "x.jpg");
  // EXIF 2.3, tag 274: where the stored top left pixel and the one right of it are displayed.
  struct Case {
    int orientation, x, y, x_of_next, y_of_next;
  };
  const std::vector<Case> cases = {{1, 0, 0, 1, 0},     {2, 23, 0, 22, 0}, {3, 23, 15, 22, 15},
                                   {4, 0, 15, 1, 15},   {5, 0, 0, 0, 1},   {6, 15, 0, 15, 1},
                                   {7, 15, 23, 15, 22}, {8, 0, 23, 0, 22}};
  for (const Case& c : cases) {
    const Image image = decode_image(with_exif(jpeg, exif_block(c.orientation, true)), "x.jpg");
    EXPECT_EQ(image.width, c.orientation < 5 ? 24 : 16);
    EXPECT_EQ(image.height, c.orientation < 5 ? 16 : 24);
    EXPECT_EQ(pixel(image, c.x, c.y), pixel(stored, 0, 0)) << c.orientation;
    EXPECT_EQ(pixel(image, c.x_of_next, c.y_of_next), pixel(stored, 1, 0)) << c.orientation;
  }
}

TEST(image, truncation_anywhere_is_a_format_error) {
  for (const char* file : {"colour_420.jpg", "palette_alpha.png", "lossless.webp", "lossy.webp",
                           "colour.bmp", "colour.tiff", "palette.gif"}) {
    const std::string bytes = media_file(file);
    // A GIF whose trailer byte and a TIFF whose "no next directory" are gone still hold the
    // picture.
    const size_t spare = file == std::string("palette.gif")   ? 1
                         : file == std::string("colour.tiff") ? 4
                                                              : 0;
    for (size_t size = 0; size < bytes.size() - spare; ++size) {
      const std::string message = error_of(
          ErrorKind::format, [&] { decode_image(std::string_view(bytes).substr(0, size), file); });
      EXPECT_THAT(message, StartsWith(file + std::string(": "))) << size;
    }
  }
}

TEST(image, damage_is_an_error_or_a_picture_but_never_a_crash) {
  Rng rng(7);
  for (const char* file : {"colour_420.jpg", "palette_alpha.png", "lossless.webp", "lossy.webp",
                           "colour.bmp", "colour.tiff", "palette.gif"}) {
    const std::string bytes = media_file(file);
    for (int i = 0; i < 100; ++i) {
      std::string broken = bytes;
      for (int k = 0; k < 3; ++k)
        broken[rng.below(broken.size())] = static_cast<char>(rng.below(256));
      try {
        const Image image = decode_image(broken, file, ImageLimits{10000});
        EXPECT_EQ(image.pixels.size() + image.pixels16.size(),
                  static_cast<size_t>(image.width) * image.height * image.channels);
      } catch (const Error& e) {
        EXPECT_EQ(e.kind(), ErrorKind::format) << e.what();
      }
    }
  }
}

TEST(image, damaged_png_data_is_not_a_half_filled_picture) {
  std::string png = media_file("palette.png");
  const size_t data = png.find("IDAT") + 4;
  png[data + 10] = static_cast<char>(png[data + 10] ^ 0x55);
  EXPECT_THAT(error_of(ErrorKind::format, [&] { decode_image(png, "bad.png"); }),
              StartsWith("bad.png: png: "));
}

TEST(image, reads_files_and_names_them) {
  EXPECT_EQ(read_image("tests/data_files/media/colour.bmp").width, 24);
  EXPECT_THAT(error_of(ErrorKind::io, [] { read_image("no/such.png"); }), HasSubstr("no/such.png"));
  EXPECT_TRUE(has_ffmpeg());
}

TEST(image, workers_can_decode_at_once) {
  const std::string jpeg = media_file("colour_420.jpg"), png = media_file("palette_alpha.png");
  const Image expected_jpeg = decode_image(jpeg, "j"), expected_png = decode_image(png, "p");
  std::vector<int> wrong(4);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        wrong[t] += decode_image(jpeg, "j").pixels != expected_jpeg.pixels;
        wrong[t] += decode_image(png, "p").pixels != expected_png.pixels;
        try {
          decode_image(std::string_view(png).substr(0, 500), "cut");
          ++wrong[t];
        } catch (const Error&) {
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, ElementsAre(0, 0, 0, 0));
}

TEST(image, reads_real_pictures) {
  const std::string data = braid::testing::data_folder();
  if (data.empty()) GTEST_SKIP() << "no folder of real data";
  const Image digit = read_image(data + "/avdigits/image/d0000.png");
  EXPECT_EQ(std::vector<int>({digit.width, digit.height, digit.channels, digit.bits}),
            std::vector<int>({28, 28, 1, 8}));
  const Image chest = read_image(data + "/covid_cxr/image/x000.jpg");
  EXPECT_EQ(std::vector<int>({chest.width, chest.height, chest.channels, chest.bits}),
            std::vector<int>({512, 512, 1, 8}));
  const Image emoji = read_image(data + "/emoji/image/2705.png");
  EXPECT_EQ(std::vector<int>({emoji.width, emoji.height, emoji.channels, emoji.bits}),
            std::vector<int>({72, 72, 4, 8}));
}

// Pillow's pixels; images/<name>.rgb.npy is convert("RGB"), which drops alpha without compositing.
TEST(image, equals_pillow_on_png) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  const std::string folder = goldens + "/processors/image/images/";
  for (const std::string name : {"gray", "palette", "rgba", "rgb_big", "rgb_down", "rgb_up"}) {
    const Image image = read_image(folder + name + ".png");
    const NpyArray expected = read_npy(folder + name + ".rgb.npy");
    ASSERT_EQ(expected.shape, (std::vector<int64_t>{image.height, image.width, 3})) << name;
    int64_t num_wrong = 0;
    for (int64_t i = 0; i < int64_t{image.width} * image.height; ++i)
      for (int c = 0; c < 3; ++c)
        num_wrong += image.pixels[i * image.channels + (image.channels == 1 ? 0 : c)] !=
                     expected.values[i * 3 + c];
    EXPECT_EQ(num_wrong, 0) << name;
  }
  const Image deep = read_image(folder + "gray16.png");
  const NpyArray expected = read_npy(folder + "gray16.raw.npy");
  ASSERT_EQ(deep.bits, 16);
  ASSERT_EQ(deep.channels, 1);
  EXPECT_TRUE(std::equal(deep.pixels16.begin(), deep.pixels16.end(), expected.values.begin(),
                         expected.values.end()));
}

}  // namespace
}  // namespace braid::formats
