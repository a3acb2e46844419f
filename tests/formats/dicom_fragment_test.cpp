#include "formats/dicom_fragment.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;

/// An RLE header with these segments after it.
std::string rle(const std::vector<std::string>& segments) {
  std::string bytes(64, '\0'), data;
  bytes[0] = static_cast<char>(segments.size());
  for (size_t i = 0; i < segments.size(); ++i) {
    bytes[4 + 4 * i] = static_cast<char>(64 + data.size());
    data += segments[i];
  }
  return bytes + data;
}

TEST(dicom_fragment, unpacks_runs_and_literals) {
  // 02: three bytes follow; FE (-2): the next byte three times; 80: nothing.
  const std::string segment(
      "\x02"
      "abc\x80\xFE"
      "d",
      7);
  EXPECT_EQ(decode_dicom_rle(rle({segment}), 6, 1, "a"), "abcddd");
  EXPECT_EQ(decode_dicom_rle(rle({segment}), 5, 1, "a"), "abcdd");
  // 0x0102 and 0x0103: the high bytes, then the low ones.
  EXPECT_EQ(decode_dicom_rle(rle({std::string("\xFF\x01", 2), std::string("\x01\x02\x03", 3)}), 2,
                             2, "a"),
            std::string("\x02\x01\x03\x01", 4));
}

TEST(dicom_fragment, refuses_damaged_runs) {
  const std::string bytes =
      rle({"\x02"
           "abc"});
  for (size_t length = 0; length < bytes.size(); ++length)
    expect_error(ErrorKind::format, "a: RLE: ", [&] {
      decode_dicom_rle(std::string_view(bytes).substr(0, length), 3, 1, "a");
    });
  expect_error(ErrorKind::format, "a: RLE: byte 4: RLE count: expected 1 bytes, got 0",
               [&] { decode_dicom_rle(bytes, 4, 1, "a"); });
  expect_error(ErrorKind::format, "expected 2 segments, got 1",
               [&] { decode_dicom_rle(bytes, 3, 2, "a"); });
  std::string outside = bytes;
  outside[7] = '\x7F';
  expect_error(ErrorKind::format, "segment 1: expected a place in 68 bytes, got 2130706496 to 68",
               [&] { decode_dicom_rle(outside, 3, 1, "a"); });
}

/// Start marker, a comment, and a frame header of 12 bits, 2 rows, 3 columns and 1 component.
std::string jpeg(const std::string& frame_marker) {
  return std::string("\xFF\xD8\xFF\xFE\x00\x03x", 7) + frame_marker +
         std::string("\x00\x0B\x0C\x00\x02\x00\x03\x01\x01\x11\x00", 11);
}

TEST(dicom_fragment, a_jpeg_has_the_size_that_was_promised) {
  for (const char* marker : {"\xFF\xC0", "\xFF\xC3", "\xFF\xF7"})
    EXPECT_EQ(checked_jpeg_bits(jpeg(marker), 2, 3, "a"), 12);
  const std::string bytes = jpeg("\xFF\xC1");
  expect_error(ErrorKind::format, "expected a grey picture of 3 x 2, got 2 x 3 with 1 components",
               [&] { checked_jpeg_bits(bytes, 3, 2, "a"); });
  for (size_t length = 0; length < bytes.size(); ++length)
    expect_error(ErrorKind::format, "a: JPEG: byte ",
                 [&] { checked_jpeg_bits(std::string_view(bytes).substr(0, length), 2, 3, "a"); });
  // A length of 0 would make a reader stand still.
  expect_error(ErrorKind::format, "segment length: expected at least 2, got 0",
               [] { checked_jpeg_bits(std::string("\xFF\xD8\xFF\xE0\x00\x00", 6), 2, 3, "a"); });
  expect_error(ErrorKind::format, "expected tables and a frame header, got the marker ffd9",
               [] { checked_jpeg_bits("\xFF\xD8\xFF\xD9", 2, 3, "a"); });
}

}  // namespace
}  // namespace braid::formats
