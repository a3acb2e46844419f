#include "formats/image_header.h"

#include <gmock/gmock.h>

#include "formats/media_samples.h"

namespace braid::formats {
namespace {

using namespace std::string_literals;
using braid::testing::error_of;
using braid::testing::exif_block;
using braid::testing::media_file;
using braid::testing::with_exif;
using ::testing::HasSubstr;

// A PNG of nothing but its header chunk: the size is all that may be looked at before refusing it.
std::string png_header(uint32_t width, uint32_t height) {
  std::string bytes = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR"s;
  for (uint32_t size : {width, height})
    for (int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(size >> shift));
  return bytes + "\x08\x02\0\0\0\0\0\0\0"s;  // 8 bits, RGB, and a checksum nobody reads
}

TEST(image_header, tells_format_and_size_of_every_format) {
  const std::vector<std::pair<std::string, ImageKind>> files = {
      {"colour_420.jpg", ImageKind::jpeg}, {"palette.png", ImageKind::png},
      {"lossless.webp", ImageKind::webp},  {"lossy.webp", ImageKind::webp},
      {"colour.bmp", ImageKind::bmp},      {"colour.tiff", ImageKind::tiff},
      {"palette.gif", ImageKind::gif}};
  for (const auto& [file, kind] : files) {
    const ImageHeader header = read_image_header(media_file(file), file);
    EXPECT_EQ(header.kind, kind) << file;
    EXPECT_EQ(header.width, 24) << file;
    EXPECT_EQ(header.height, 16) << file;
    EXPECT_EQ(header.orientation, 1) << file;
  }
}

TEST(image_header, reads_exif_orientation_in_both_byte_orders) {
  const std::string jpeg = media_file("colour_420.jpg");
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (bool big_endian : {false, true}) {
      const std::string turned = with_exif(jpeg, exif_block(orientation, big_endian));
      EXPECT_EQ(read_image_header(turned, "x.jpg").orientation, orientation);
    }
  }
}

TEST(image_header, broken_exif_counts_as_none) {
  const std::string jpeg = media_file("colour_420.jpg");
  const std::string block = exif_block(6, /*big_endian=*/false);
  for (size_t size = 0; size < 20; ++size)
    EXPECT_EQ(read_image_header(with_exif(jpeg, block.substr(0, size)), "x.jpg").orientation, 1);
  EXPECT_EQ(read_image_header(with_exif(jpeg, exif_block(9, false)), "x.jpg").orientation, 1);
  EXPECT_EQ(read_image_header(with_exif(jpeg, "II*\0\xFF\xFF\xFF\xFF"s), "x.jpg").orientation, 1);
}

TEST(image_header, reads_orientation_of_tiff) {
  std::string tiff = media_file("colour.tiff");
  // Turn the tag 305 (software, ASCII) or 296 (unit) of the fixture into an orientation: 296 is a
  // SHORT.
  const size_t at = tiff.find("\x28\x01\x03\0\x01\0\0\0"s);
  ASSERT_NE(at, std::string::npos);
  tiff[at] = '\x12';
  tiff[at + 8] = '\x06';
  EXPECT_EQ(read_image_header(tiff, "x.tiff").orientation, 6);
}

TEST(image_header, refuses_a_huge_size_before_anything_else) {
  EXPECT_EQ(error_of(ErrorKind::format,
                     [] { read_image_header(png_header(100000, 100000), "big.png", 67108864); }),
            "big.png: has 100000x100000 pixels, expected at most 67108864; shrink it or raise "
            "max_pixels");
  // 2^32 - 1 squared does not wrap around to something small.
  EXPECT_THAT(
      error_of(ErrorKind::format,
               [] { read_image_header(png_header(UINT32_MAX, UINT32_MAX), "big.png", 100); }),
      HasSubstr("has 4294967295x4294967295 pixels"));
  EXPECT_THAT(
      error_of(ErrorKind::format, [] { read_image_header(png_header(0, 5), "flat.png", 100); }),
      HasSubstr("flat.png: size: expected at least 1x1 pixels, got 0x5"));
  // 24 * 16 = 384 pixels.
  EXPECT_NO_THROW(read_image_header(media_file("palette.gif"), "x.gif", 384));
  for (const char* file : {"colour_420.jpg", "palette.png", "lossless.webp", "lossy.webp",
                           "colour.bmp", "colour.tiff", "palette.gif"})
    EXPECT_THAT(
        error_of(ErrorKind::format, [&] { read_image_header(media_file(file), file, 383); }),
        HasSubstr("has 24x16 pixels, expected at most 383"));
}

TEST(image_header, names_what_is_not_a_picture) {
  EXPECT_EQ(error_of(ErrorKind::format, [] { read_image_header("hello, world\n", "text.png"); }),
            "text.png: not a picture: expected JPEG, PNG, WebP, BMP, TIFF or GIF, got a file that "
            "begins with \"hello, w\"");
  EXPECT_EQ(error_of(ErrorKind::format, [] { read_image_header("", "none.png"); }),
            "none.png: expected a picture, got an empty file");
  EXPECT_THAT(error_of(ErrorKind::format, [] { read_image_header("RIFF", "x.webp"); }),
              HasSubstr("begins with \"RIFF\""));
  EXPECT_THAT(error_of(ErrorKind::format, [] { read_image_header("\x01\x02"s, "x.png"); }),
              HasSubstr("begins with \"\\x01\\x02\""));
}

TEST(image_header, tells_where_a_file_is_cut) {
  const std::string png = media_file("palette.png");
  EXPECT_EQ(error_of(ErrorKind::format,
                     [&] { read_image_header(png.substr(0, png.size() - 1), "cut.png"); }),
            "cut.png: byte 879: chunk checksum: expected 4 bytes, got 3; is the file complete?");
  const std::string jpeg = media_file("colour_444.jpg");
  EXPECT_EQ(error_of(ErrorKind::format,
                     [&] { read_image_header(jpeg.substr(0, jpeg.size() - 1), "cut.jpg"); }),
            "cut.jpg: expected an end marker, got the end of the file; is it complete?");
  const std::string bmp = media_file("colour.bmp");
  EXPECT_EQ(error_of(ErrorKind::format, [&] { read_image_header(bmp.substr(0, 1000), "cut.bmp"); }),
            "cut.bmp: size: expected 1206 bytes, got 1000; is the file complete?");
}

TEST(image_header, refuses_animated_webp) {
  std::string webp = media_file("lossless.webp");
  // RIFF size WEBP VP8X 10 | flags: animation (2) | canvas 24x16 as size - 1.
  const std::string animated = "RIFF\x16\0\0\0WEBPVP8X\x0A\0\0\0\x02\0\0\0\x17\0\0\x0F\0\0"s;
  EXPECT_THAT(error_of(ErrorKind::format, [&] { read_image_header(animated, "moving.webp"); }),
              HasSubstr("is an animated WebP; expected a still picture"));
}

}  // namespace
}  // namespace braid::formats
