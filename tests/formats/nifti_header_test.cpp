#include "formats/nifti_header.h"

#include <gtest/gtest.h>

#include <cmath>

#include "expect_error.h"
#include "nifti_bytes.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;
using braid::testing::nifti_bytes;
using braid::testing::NiftiSpec;

NiftiHeader parse(const NiftiSpec& spec) { return parse_nifti_header(nifti_bytes(spec), "a.nii"); }

void refuses(const NiftiSpec& spec, const std::string& message) {
  expect_error(ErrorKind::format, "a.nii: " + message, [&] { parse(spec); });
}

void expect_near(const Vector3& got, const Vector3& expected) {
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(got[i], expected[i], 1e-6) << i;
}

TEST(nifti_header, reads_both_versions_in_both_byte_orders) {
  for (const int version : {1, 2})
    for (const bool is_big_endian : {false, true}) {
      NiftiSpec spec;
      spec.version = version;
      spec.is_big_endian = is_big_endian;
      spec.dim = {5, 6, 7};
      spec.datatype = 4;
      spec.pixdim = {1, 0.5, 0.75, 2.5};
      spec.vox_offset = 1024;
      spec.slope = 0.25;
      spec.intercept = -3;
      const NiftiHeader header = parse(spec);
      EXPECT_EQ(header.is_swapped, is_big_endian);
      EXPECT_EQ(header.datatype, 4);
      EXPECT_EQ(header.item_bytes, 2u);
      EXPECT_EQ(header.data_offset, 1024u);
      EXPECT_EQ(header.slope, 0.25);
      EXPECT_EQ(header.intercept, -3);
      EXPECT_EQ(header.grid.size, (std::array<int64_t, 3>{5, 6, 7}));
      EXPECT_EQ(header.grid.spacing_mm, (Vector3{0.5, 0.75, 2.5}));
      expect_near(header.grid.directions[0], {1, 0, 0});
      expect_near(header.grid.directions[2], {0, 0, 1});
    }
}

TEST(nifti_header, units_become_millimetres) {
  NiftiSpec spec;
  spec.pixdim = {1, 2, 2, 2};
  const std::pair<int, double> expected[] = {{0, 2}, {1, 2000}, {2, 2}, {3, 0.002}, {2 + 8, 2}};
  for (const auto& [units, millimetres] : expected) {
    spec.units = units;
    EXPECT_DOUBLE_EQ(parse(spec).grid.spacing_mm[1], millimetres) << units;
  }
  spec.units = 5;
  refuses(spec, "xyzt_units: expected 1 (metres), 2 (millimetres), 3 (microns) or 0, got 5");
}

// A quarter turn about z: a = d = sqrt(1/2). i goes to +y, j to -x (nifti1.h's matrix:
// R[0][1] = 2bc - 2ad = -1, R[1][0] = 2bc + 2ad = 1).
TEST(nifti_header, the_qform_turns_the_axes) {
  NiftiSpec spec;
  spec.qform_code = 1;
  spec.quaternion = {0, 0, std::sqrt(0.5)};
  spec.pixdim = {-1, 2, 3, 4};
  const NiftiHeader header = parse(spec);
  expect_near(header.grid.directions[0], {0, 1, 0});
  expect_near(header.grid.directions[1], {-1, 0, 0});
  expect_near(header.grid.directions[2], {0, 0, -1});  // pixdim[0] is -1
  EXPECT_EQ(header.grid.spacing_mm, (Vector3{2, 3, 4}));
  // Half a turn about x, rounded to a length above 1: j and k change their signs.
  spec.quaternion = {1.0000001, 0, 0};
  spec.pixdim[0] = 0;  // counts as 1
  expect_near(parse(spec).grid.directions[0], {1, 0, 0});
  expect_near(parse(spec).grid.directions[1], {0, -1, 0});
  expect_near(parse(spec).grid.directions[2], {0, 0, -1});
  spec.quaternion = {NAN, 0, 0};
  refuses(spec, "qform: expected a quaternion, got (nan, 0, 0)");
}

TEST(nifti_header, the_sform_goes_before_the_qform) {
  NiftiSpec spec;
  spec.qform_code = spec.sform_code = 1;
  spec.quaternion = {1, 0, 0};
  spec.pixdim = {1, 9, 9, 9};
  // Columns (-3, 0, 4) of length 5, (0, 2, 0) and (0, 0, 1); the last column is the origin.
  spec.srow = {{{-3, 0, 0, 7}, {0, 2, 0, 7}, {4, 0, 1, 7}}};
  const NiftiHeader header = parse(spec);
  expect_near(header.grid.directions[0], {-3, 0, 4});
  expect_near(header.grid.directions[1], {0, 2, 0});
  EXPECT_EQ(header.grid.spacing_mm, (Vector3{5, 2, 1}));
}

TEST(nifti_header, scaling_without_a_slope_is_none) {
  NiftiSpec spec;
  spec.intercept = 5;
  for (const double slope : {0.0, double{NAN}, double{INFINITY}}) {
    spec.slope = slope;
    EXPECT_EQ(parse(spec).slope, 1);
    EXPECT_EQ(parse(spec).intercept, 0);
  }
  spec.slope = 2;
  spec.intercept = NAN;
  refuses(spec, "scl_inter: expected a number beside scl_slope 2, got nan");
}

TEST(nifti_header, knows_every_type) {
  NiftiSpec spec;
  const std::pair<int, size_t> expected[] = {{2, 1},   {4, 2},   {8, 4},   {16, 4},   {64, 8},
                                             {256, 1}, {512, 2}, {768, 4}, {1024, 8}, {1280, 8}};
  for (const auto& [datatype, bytes] : expected) {
    spec.datatype = datatype;
    EXPECT_EQ(parse(spec).item_bytes, bytes) << datatype;
  }
  const std::pair<int, const char*> refused[] = {
      {32, "got complex numbers"}, {1792, "got complex numbers"}, {128, "got colours"},
      {2304, "got colours"},       {1536, "got floats of 128"},   {0, "got an unknown one"}};
  for (const auto& [datatype, message] : refused) {
    spec.datatype = datatype;
    expect_error(ErrorKind::format, message, [&] { parse(spec); });
  }
}

TEST(nifti_header, refuses_what_is_no_single_volume) {
  NiftiSpec spec;
  spec.dim = {2, 2, 2, 1, 1};
  EXPECT_EQ(parse(spec).grid.size, (std::array<int64_t, 3>{2, 2, 2}));
  spec.dim = {2, 2, 2, 40};
  refuses(spec,
          "dim[4]: expected one volume, got 40 along that axis; save each volume as a file of its "
          "own, or their mean");
  spec.dim = {2, 2};
  refuses(spec, "dim[0]: expected a volume of 3 axes, got 2 axes");
}

TEST(nifti_header, refuses_other_files) {
  expect_error(ErrorKind::format, "a.nii: byte 0: expected a NIfTI file, which begins with",
               [] { parse_nifti_header("PK\x03\x04", "a.nii"); });
  NiftiSpec spec;
  spec.magic = std::string("ni1\0", 4);
  refuses(spec, "expected a single NIfTI file, got one half of a pair (.hdr and .img)");
  spec.magic = std::string(4, '\0');
  refuses(spec, "expected the letters n+1 of a NIfTI file, got others; an Analyze 7.5 file");
  spec.version = 2;
  spec.magic = std::string("n+2\0\n\n\x1A\n", 8);  // as a transfer in text mode leaves it
  refuses(spec, "expected the letters n+2 of a NIfTI file, got others");
}

TEST(nifti_header, voxels_begin_after_the_header) {
  NiftiSpec spec;
  spec.vox_offset = 0;
  EXPECT_EQ(parse(spec).data_offset, 352u);
  for (const double offset : {100.0, 352.5, double{NAN}, 1e30}) {
    spec.vox_offset = offset;
    refuses(spec, "vox_offset: expected a place after the header's 348 bytes, got ");
  }
}

}  // namespace
}  // namespace braid::formats
