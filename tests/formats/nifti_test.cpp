#include "formats/nifti.h"

#include <gtest/gtest.h>

#include <cmath>

#include "expect_error.h"
#include "nifti_bytes.h"
#include "volume_body.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;
using braid::testing::gzip_bytes;
using braid::testing::nifti_bytes;
using braid::testing::NiftiSpec;
using braid::testing::voxel_bytes;
using Values = std::vector<float>;

Values values_of(NiftiSpec spec) { return parse_nifti(nifti_bytes(spec), "a.nii").values; }

/// Two voxels along an axis that runs to the patient's left, so that their order stays.
template <class T>
Values two_voxels(int datatype, const std::vector<T>& values, bool is_big_endian = false) {
  NiftiSpec spec;
  spec.is_big_endian = is_big_endian;
  spec.datatype = datatype;
  spec.dim = {2, 1, 1};
  spec.sform_code = 1;
  spec.srow = {{{-1, 0, 0, 0}, {0, -1, 0, 0}, {0, 0, 1, 0}}};
  spec.data = voxel_bytes(values, is_big_endian);
  return values_of(spec);
}

TEST(nifti, reads_every_type_in_both_byte_orders) {
  for (const bool big : {false, true}) {
    EXPECT_EQ(two_voxels<uint8_t>(2, {127, 128}, big), (Values{127, 128}));
    EXPECT_EQ(two_voxels<int16_t>(4, {-32768, 513}, big), (Values{-32768, 513}));
    EXPECT_EQ(two_voxels<int32_t>(8, {-2, 65536}, big), (Values{-2, 65536}));
    EXPECT_EQ(two_voxels<float>(16, {1.5f, -2.25f}, big), (Values{1.5f, -2.25f}));
    EXPECT_EQ(two_voxels<double>(64, {0.5, -4}, big), (Values{0.5f, -4}));
    EXPECT_EQ(two_voxels<int8_t>(256, {-128, 127}, big), (Values{-128, 127}));
    EXPECT_EQ(two_voxels<uint16_t>(512, {32768, 1}, big), (Values{32768, 1}));
    EXPECT_EQ(two_voxels<uint32_t>(768, {4294967040u, 1}, big), (Values{4294967040.0f, 1}));
    EXPECT_EQ(two_voxels<int64_t>(1024, {-1, int64_t{1} << 40}, big), (Values{-1, 0x1p40f}));
    EXPECT_EQ(two_voxels<uint64_t>(1280, {uint64_t{1} << 63, 3}, big), (Values{0x1p63f, 3}));
  }
}

TEST(nifti, turns_the_body_from_any_axes) {
  const auto expect_body = [](const NiftiSpec& spec) {
    const Volume volume = parse_nifti(nifti_bytes(spec), "a.nii");
    EXPECT_EQ(volume.depth, 2);
    EXPECT_EQ(volume.height, 3);
    EXPECT_EQ(volume.width, 4);
    EXPECT_EQ(volume.spacing_mm, (std::array<double, 3>{3, 2, 1}));
    EXPECT_EQ(volume.values, braid::testing::body_values());
  };
  // RAS+, as without any orientation: i runs to the right, against the columns, and j to the front,
  // against the rows.
  NiftiSpec spec;
  spec.dim = {4, 3, 2};
  spec.pixdim = {1, 1, 2, 3};
  for (int k = 0; k < 2; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 4; ++i)
        spec.data += static_cast<char>(braid::testing::body(k, 2 - j, 3 - i));
  expect_body(spec);
  // Sagittal slices: i runs to the back, j to the feet, k to the left.
  spec.dim = {3, 2, 4};
  spec.sform_code = 1;
  spec.srow = {{{0, 0, -1, 0}, {-2, 0, 0, 0}, {0, -3, 0, 0}}};
  spec.data.clear();
  for (int k = 0; k < 4; ++k)
    for (int j = 0; j < 2; ++j)
      for (int i = 0; i < 3; ++i) spec.data += static_cast<char>(braid::testing::body(1 - j, i, k));
  expect_body(spec);
}

TEST(nifti, scales_what_is_stored) {
  NiftiSpec spec;
  spec.dim = {1, 1, 2};
  spec.slope = 0.5;
  spec.intercept = -10;
  spec.data = std::string("\x00\x64", 2);
  EXPECT_EQ(values_of(spec), (Values{-10, 40}));
}

TEST(nifti, what_is_no_number_becomes_one) {
  EXPECT_EQ(two_voxels<float>(16, {NAN, 7}), (Values{7, 7}));
  EXPECT_EQ(two_voxels<double>(64, {1e300, -3}), (Values{-3, -3}));
  expect_error(ErrorKind::format, "a.nii: voxels: expected numbers, got none that is finite", [] {
    two_voxels<float>(16, {NAN, NAN});
  });
}

TEST(nifti, reads_gzip_and_skips_extensions) {
  NiftiSpec spec;
  spec.version = 2;
  spec.dim = {1, 1, 3};
  spec.vox_offset = 560;
  spec.data = std::string(16, 'x') + std::string("\x01\x02\x03", 3);
  const std::string bytes = nifti_bytes(spec);
  EXPECT_EQ(parse_nifti(bytes, "a.nii").values, (Values{1, 2, 3}));
  EXPECT_EQ(parse_nifti(gzip_bytes(bytes), "a.nii.gz").values, (Values{1, 2, 3}));
}

TEST(nifti, truncation_at_every_byte_is_an_error) {
  NiftiSpec spec;
  spec.data = "ab";
  for (const int version : {1, 2}) {
    spec.version = version;
    for (const bool is_compressed : {false, true}) {
      const std::string whole = nifti_bytes(spec);
      const std::string bytes = is_compressed ? gzip_bytes(whole) : whole;
      EXPECT_EQ(parse_nifti(bytes, "a.nii").values.size(), 2u);
      for (size_t length = 0; length < bytes.size(); ++length)
        expect_error(ErrorKind::format, "a.nii: ", [&] {
          parse_nifti(std::string_view(bytes).substr(0, length), "a.nii");
        });
    }
  }
  spec.version = 1;
  const std::string bytes = nifti_bytes(spec);
  expect_error(ErrorKind::format,
               "a.nii: byte 352: voxels: expected 2 bytes, got 1; is the file complete?",
               [&] { parse_nifti(std::string_view(bytes).substr(0, bytes.size() - 1), "a.nii"); });
}

// The header alone promises 2^45 voxels; none of them is asked of the memory.
TEST(nifti, limits_come_before_memory) {
  NiftiSpec spec;
  spec.dim = {32767, 32767, 32767};
  expect_error(ErrorKind::format,
               "a.nii: size: expected at most 536870912 voxels, got 32767 x 32767 x 32767",
               [&] { values_of(spec); });
  spec.dim = {-1, 2, 2};
  expect_error(ErrorKind::format, "size: expected positive lengths, got -1 x 2 x 2",
               [&] { values_of(spec); });
  spec.version = 2;
  spec.dim = {int64_t{1} << 62, int64_t{1} << 62, 4};
  expect_error(ErrorKind::format, "size: expected at most", [&] { values_of(spec); });
  spec.dim = {2, 1, 1};
  spec.vox_offset = 1e12;
  expect_error(ErrorKind::format, "expected at most 4294967296 bytes, got 2 voxels of 1 bytes",
               [&] { values_of(spec); });
}

TEST(nifti, every_single_damaged_byte_is_read_or_refused) {
  NiftiSpec spec;
  spec.sform_code = spec.qform_code = 1;
  spec.srow = {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}};
  spec.data = "ab";
  const std::string bytes = nifti_bytes(spec);
  VolumeLimits limits;
  limits.max_voxels = 4096;
  for (size_t at = 0; at < bytes.size(); ++at)
    for (const char letter : {'\0', '\x01', '\x7F', '\x80', '\xFF'}) {
      std::string damaged = bytes;
      damaged[at] = letter;
      try {
        parse_nifti(damaged, "a.nii", limits);
      } catch (const Error& e) {
        EXPECT_STREQ(to_string(e.kind()), "format") << e.what();
      }
    }
}

TEST(nifti, refuses_an_orientation_that_is_none) {
  NiftiSpec spec;
  spec.data = "ab";
  spec.sform_code = 1;
  expect_error(ErrorKind::format, "a.nii: spacing: expected positive millimetres, got 0",
               [&] { values_of(spec); });
  spec.srow = {{{1, 1, 0, 0}, {0, 0, 0, 0}, {0, 0, 1, 0}}};
  expect_error(ErrorKind::format, "orientation: expected three directions that span space",
               [&] { values_of(spec); });
  spec.sform_code = 0;
  spec.pixdim = {1, 0, 1, 1};
  expect_error(ErrorKind::format, "a.nii: spacing: expected positive millimetres, got 0",
               [&] { values_of(spec); });
}

}  // namespace
}  // namespace braid::formats
