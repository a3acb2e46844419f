#include "formats/dicom_file.h"

#include <gtest/gtest.h>

#include "dicom_samples.h"
#include "expect_error.h"

namespace braid::formats {
namespace {

using braid::testing::dicom_bytes;
using braid::testing::DicomSpec;
using braid::testing::expect_error;
using Values = std::vector<float>;

DicomFile parse(const DicomSpec& spec) {
  return parse_dicom_file(dicom_bytes(spec), "a.dcm", /*with_pixels=*/true, {});
}

void refuses(const DicomSpec& spec, const std::string& message) {
  const std::string bytes = dicom_bytes(spec);
  expect_error(ErrorKind::format, "a.dcm: " + message,
               [&] { parse_dicom_file(bytes, "a.dcm", /*with_pixels=*/true, {}); });
}

TEST(dicom_file, reads_a_slice) {
  DicomSpec spec;
  spec.height = 1;
  spec.width = 3;
  spec.pixels = {0, 1024, 4095};
  spec.position = "1.5\\-2\\30.25";
  spec.orientation = "0\\1\\0\\0\\0\\-1";
  spec.spacing = "0.5\\0.75";
  spec.slope = "2";
  spec.intercept = "-1000";
  spec.thickness = "2.5";
  const DicomFile file = parse(spec);
  EXPECT_TRUE(file.has_pictures && file.has_positions);
  EXPECT_EQ(file.series, "1.2.3");
  EXPECT_EQ(file.height, 1);
  EXPECT_EQ(file.width, 3);
  EXPECT_EQ(file.slice_spacing_mm, 2.5);
  ASSERT_EQ(file.frames.size(), 1u);
  EXPECT_EQ(file.frames[0].position, (Vector3{1.5, -2, 30.25}));
  EXPECT_EQ(file.frames[0].along_row, (Vector3{0, 1, 0}));
  EXPECT_EQ(file.frames[0].along_column, (Vector3{0, 0, -1}));
  EXPECT_EQ(file.frames[0].row_spacing_mm, 0.5);
  EXPECT_EQ(file.frames[0].column_spacing_mm, 0.75);
  EXPECT_EQ(file.values, (Values{-1000, 1048, 7190}));
  EXPECT_TRUE(parse_dicom_file(dicom_bytes(spec), "a.dcm", false, {}).values.empty());
}

TEST(dicom_file, reads_8_and_16_bits_with_and_without_a_sign) {
  DicomSpec spec;
  spec.pixels = {0, 1, 0xFFFF, 0x8000};
  EXPECT_EQ(parse(spec).values, (Values{0, 1, 65535, 32768}));
  spec.is_signed = true;
  EXPECT_EQ(parse(spec).values, (Values{0, 1, -1, -32768}));
  // 12 bits in 16: what stands above them is not part of the number.
  spec.stored_bits = 12;
  spec.pixels = {0xF001, 0x07FF, 0x0800, 0x0FFF};
  EXPECT_EQ(parse(spec).values, (Values{1, 2047, -2048, -1}));
  spec.is_signed = false;
  EXPECT_EQ(parse(spec).values, (Values{1, 2047, 2048, 4095}));
  spec.bits = spec.stored_bits = 8;
  spec.height = 1;
  spec.width = 3;  // an odd number of bytes
  spec.pixels = {0, 127, 255};
  EXPECT_EQ(parse(spec).values, (Values{0, 127, 255}));
  spec.is_signed = true;
  EXPECT_EQ(parse(spec).values, (Values{0, 127, -1}));
}

TEST(dicom_file, monochrome1_is_inverted_within_its_bits) {
  DicomSpec spec;
  spec.colours = "MONOCHROME1";
  spec.stored_bits = 12;
  spec.pixels = {0, 1, 4000, 4095};
  EXPECT_EQ(parse(spec).values, (Values{4095, 4094, 95, 0}));
  spec.is_signed = true;
  spec.pixels = {0, 1, 0x0FFF, 0x0800};  // 0, 1, -1, -2048
  EXPECT_EQ(parse(spec).values, (Values{-1, -2, 0, 2047}));
}

TEST(dicom_file, every_syntax_gives_the_same_numbers) {
  DicomSpec spec;
  spec.height = spec.width = 8;
  spec.frames = 3;
  spec.pixels.clear();
  for (int i = 0; i < 3 * 64; ++i) spec.pixels.push_back(i * 37 % 4096);
  const Values expected(spec.pixels.begin(), spec.pixels.end());
  for (const char* syntax :
       {"plain", "implicit", "big_endian", "rle", "jpeg_lossless", "jpeg_ls"}) {
    spec.syntax = syntax;
    EXPECT_EQ(parse(spec).values, expected) << syntax;
  }
  spec.bits = spec.stored_bits = 8;
  // A ramp over all 256 values in each frame, smooth enough for JPEG that loses.
  for (int i = 0; i < 3 * 64; ++i) spec.pixels[i] = i % 64 * 255 / 63;
  const Values ramp(spec.pixels.begin(), spec.pixels.end());
  for (const char* syntax :
       {"plain", "implicit", "big_endian", "rle", "jpeg_lossless", "jpeg_ls"}) {
    spec.syntax = syntax;
    EXPECT_EQ(parse(spec).values, ramp) << syntax;
  }
  spec.syntax = "jpeg";
  const Values lossy = parse(spec).values;
  ASSERT_EQ(lossy.size(), ramp.size());
  for (size_t i = 0; i < ramp.size(); ++i) EXPECT_NEAR(lossy[i], ramp[i], 3) << i;
}

// Values of more than 64 KiB are loaded when they are asked for.
TEST(dicom_file, reads_large_pictures) {
  DicomSpec spec;
  spec.height = 300;
  spec.width = 301;
  spec.frames = 2;
  spec.pixels.clear();
  for (int i = 0; i < 2 * 300 * 301; ++i) spec.pixels.push_back(i * 7919 % 65536);
  const Values expected(spec.pixels.begin(), spec.pixels.end());
  for (const char* syntax :
       {"plain", "implicit", "big_endian", "rle", "jpeg_lossless", "jpeg_ls"}) {
    spec.syntax = syntax;
    EXPECT_TRUE(parse(spec).values == expected) << syntax;
    const std::string bytes = dicom_bytes(spec);
    for (const size_t cut : {size_t{1}, size_t{1000}, size_t{100000}})
      expect_error(ErrorKind::format, "a.dcm: ", [&] {
        parse_dicom_file(std::string_view(bytes).substr(0, bytes.size() - cut), "a.dcm", true, {});
      });
  }
  spec.bits = spec.stored_bits = 8;
  spec.width = 300;
  spec.pixels.resize(2 * 300 * 300);
  for (int& pixel : spec.pixels) pixel %= 256;
  const Values bytes(spec.pixels.begin(), spec.pixels.end());
  for (const char* syntax :
       {"plain", "implicit", "big_endian", "rle", "jpeg_lossless", "jpeg_ls"}) {
    spec.syntax = syntax;
    EXPECT_TRUE(parse(spec).values == bytes) << syntax;
  }
}

TEST(dicom_file, frames_follow_each_other_or_say_where_they_lie) {
  DicomSpec spec;
  spec.height = spec.width = 1;
  spec.frames = 2;
  spec.pixels = {7, 8};
  spec.position = "0\\0\\10";
  spec.slice_spacing = "-2.5";
  DicomFile file = parse(spec);
  EXPECT_EQ(file.frames[1].position, (Vector3{0, 0, 12.5}));
  EXPECT_EQ(file.values, (Values{7, 8}));
  spec.frame_positions = {"0\\0\\4", "0\\0\\1"};
  file = parse(spec);
  EXPECT_EQ(file.frames[0].position, (Vector3{0, 0, 4}));
  EXPECT_EQ(file.frames[1].position, (Vector3{0, 0, 1}));
  EXPECT_EQ(file.frames[1].along_row, (Vector3{1, 0, 0}));
}

TEST(dicom_file, a_picture_without_a_place_has_defaults) {
  DicomSpec spec;
  spec.position = spec.orientation = spec.spacing = "";
  const DicomFile file = parse(spec);
  EXPECT_FALSE(file.has_positions);
  EXPECT_EQ(file.slice_spacing_mm, 1);
  EXPECT_EQ(file.frames[0].row_spacing_mm, 1);
  EXPECT_EQ(file.frames[0].along_column, (Vector3{0, 1, 0}));
}

TEST(dicom_file, a_report_has_no_picture) {
  EXPECT_FALSE(
      parse_dicom_file(braid::testing::dicom_report_bytes(), "a.dcm", true, {}).has_pictures);
}

TEST(dicom_file, refuses_what_is_no_grey_picture) {
  DicomSpec spec;
  spec.colours = "RGB";
  spec.samples = 3;
  spec.bits = spec.stored_bits = 8;
  spec.pixels = std::vector<int>(12, 1);
  refuses(
      spec,
      "expected a grey picture (MONOCHROME1 or MONOCHROME2), got 3 samples of 'RGB'; convert it");
  spec = DicomSpec();
  spec.colours = "PALETTE COLOR";
  refuses(spec, "expected a grey picture (MONOCHROME1 or MONOCHROME2), got 1 samples of 'PALETTE");
  spec = DicomSpec();
  spec.stored_bits = 17;
  refuses(spec, "expected stored bits within the 16 allocated, got 17 below bit 17");
  spec = DicomSpec();
  spec.bits = 32;
  refuses(spec, "BitsAllocated: expected 8 or 16, got 32; convert it");
  spec = DicomSpec();
  spec.orientation = "1\\0\\0\\1\\0\\0";
  refuses(spec, "ImageOrientationPatient: expected rows at right angles to columns, got a cosine");
  spec.orientation = "0\\0\\0\\0\\1\\0";
  refuses(spec, "ImageOrientationPatient: expected directions of length 1, got one of 0");
  spec.orientation = "1\\0\\0\\0\\1";
  refuses(spec, "ImageOrientationPatient: expected 6 numbers, got fewer or another text");
  spec = DicomSpec();
  spec.syntax = "deflated";
  refuses(spec, "expected a file that is not deflated as a whole, got one; convert it");
  // The transfer syntax of JPEG 2000 has the length of JPEG-LS's: ...4.90 for ...4.80.
  spec.syntax = "jpeg_ls";
  std::string bytes = dicom_bytes(spec);
  bytes.replace(bytes.find("1.2.840.10008.1.2.4.80"), 22, "1.2.840.10008.1.2.4.90");
  expect_error(ErrorKind::format,
               "a.dcm: expected pixels that are not compressed, or by JPEG, JPEG-LS or RLE, got "
               "JPEG 2000",
               [&] { parse_dicom_file(bytes, "a.dcm", true, {}); });
}

TEST(dicom_file, limits_come_before_memory) {
  DicomSpec spec;
  spec.height = spec.width = 65535;
  spec.frames = 1000;
  refuses(spec, "size: expected at most 536870912 voxels, got 65535 x 65535 x 1000");
  spec.height = spec.width = 1;
  spec.frames = 2000000000;
  refuses(spec, "NumberOfFrames: expected 1 to 65536, got '2000000000'");
  spec.height = 0;
  spec.frames = 1;
  refuses(spec, "size: expected positive lengths, got 1 x 0 x 1");
}

TEST(dicom_file, truncation_at_every_byte_is_an_error) {
  for (const char* syntax :
       {"plain", "implicit", "big_endian", "rle", "jpeg_lossless", "jpeg_ls"}) {
    DicomSpec spec;
    spec.syntax = syntax;
    spec.height = spec.width = 8;
    spec.pixels.clear();
    for (int i = 0; i < 64; ++i) spec.pixels.push_back(i * 37 % 4096);
    const std::string bytes = dicom_bytes(spec);
    std::vector<size_t> accepted;
    for (size_t length = 0; length < bytes.size(); ++length) {
      try {
        const DicomFile file =
            parse_dicom_file(std::string_view(bytes).substr(0, length), "a.dcm", true, {});
        if (file.has_pictures) accepted.push_back(length);
      } catch (const Error& e) {
        EXPECT_STREQ(to_string(e.kind()), "format") << e.what();
        EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos) << e.what();
      }
    }
    EXPECT_TRUE(accepted.empty()) << syntax << ": of " << bytes.size() << " bytes the first "
                                  << accepted[0] << " were enough";
  }
}

TEST(dicom_file, says_what_is_missing) {
  const std::string bytes = dicom_bytes(DicomSpec());
  expect_error(ErrorKind::format, "a.dcm: expected a DICOM file with the letters DICM at byte 128",
               [] { parse_dicom_file("abc", "a.dcm", true, {}); });
  expect_error(ErrorKind::format, "; is the file complete?", [&] {
    parse_dicom_file(std::string_view(bytes).substr(0, bytes.size() - 1), "a.dcm", true, {});
  });
}

TEST(dicom_file, deep_sequences_do_not_end_the_stack) {
  for (const int depth : {10, 1000, 1000000}) {
    const std::string bytes = braid::testing::nested_dicom_bytes(depth);
    try {
      parse_dicom_file(bytes, "a.dcm", true, {});
    } catch (const Error& e) {
      EXPECT_STREQ(to_string(e.kind()), "format") << e.what();
    }
  }
}

TEST(dicom_file, every_single_damaged_byte_is_read_or_refused) {
  for (const char* syntax : {"plain", "rle", "jpeg_lossless", "jpeg_ls"}) {
    DicomSpec spec;
    spec.syntax = syntax;
    const std::string bytes = dicom_bytes(spec);
    VolumeLimits limits;
    limits.max_voxels = 4096;
    for (size_t at = 128; at < bytes.size(); ++at)
      for (const char letter : {'\0', '\x01', '\x7F', '\x80', '\xFF'}) {
        std::string damaged = bytes;
        damaged[at] = letter;
        try {
          parse_dicom_file(damaged, "a.dcm", true, limits);
        } catch (const Error& e) {
          EXPECT_STREQ(to_string(e.kind()), "format") << e.what();
        }
      }
  }
}

TEST(dicom_file, says_nothing_on_stderr) {
  const std::string bytes = dicom_bytes(DicomSpec());
  ::testing::internal::CaptureStderr();
  for (size_t length = 128; length < bytes.size(); length += 7) {
    try {
      parse_dicom_file(std::string_view(bytes).substr(0, length), "a.dcm", true, {});
    } catch (const Error&) {
    }
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace braid::formats
