#include "formats/dicom.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/file.h"
#include "dicom_samples.h"
#include "expect_error.h"
#include "nifti_bytes.h"
#include "volume_body.h"

namespace braid::formats {
namespace {

using braid::testing::body;
using braid::testing::dicom_bytes;
using braid::testing::DicomSpec;
using braid::testing::expect_error;

/// Slice `d` of the body as a scanner writes it: rows to the back, columns to the left.
DicomSpec axial(int d) {
  DicomSpec spec;
  spec.height = 3;
  spec.width = 4;
  spec.position = "0\\0\\" + std::to_string(3 * d);
  spec.pixels.clear();
  for (int h = 0; h < 3; ++h)
    for (int w = 0; w < 4; ++w) spec.pixels.push_back(body(d, h, w));
  return spec;
}

void write(const TemporaryFolder& folder, const std::string& name, const DicomSpec& spec) {
  write_file_atomically(folder / name, dicom_bytes(spec));
}

void expect_body(const Volume& volume) {
  EXPECT_EQ(volume.depth, 2);
  EXPECT_EQ(volume.height, 3);
  EXPECT_EQ(volume.width, 4);
  EXPECT_EQ(volume.spacing_mm, (std::array<double, 3>{3, 2, 1}));
  EXPECT_EQ(volume.values, braid::testing::body_values());
}

TEST(dicom, slices_are_ordered_by_their_place) {
  const TemporaryFolder folder;
  write(folder, "1.dcm", axial(1));
  write(folder, "2.dcm", axial(0));
  expect_body(read_volume(folder.path()));
}

// The same voxels, cut across: rows run to the back, so that they become columns of the slice, its
// columns to the feet; the normal (0, 1, 0) x (0, 0, -1) = (-1, 0, 0) to the right. Slice w lies at
// x = w mm to the left.
TEST(dicom, sagittal_slices_give_the_same_volume) {
  const TemporaryFolder folder;
  for (int w = 0; w < 4; ++w) {
    DicomSpec spec;
    spec.height = 2;
    spec.width = 3;
    spec.orientation = "0\\1\\0\\0\\0\\-1";
    spec.spacing = "3\\2";
    spec.position = std::to_string(w) + "\\0\\0";
    spec.pixels.clear();
    for (int row = 0; row < 2; ++row)
      for (int column = 0; column < 3; ++column) spec.pixels.push_back(body(1 - row, column, w));
    write(folder, std::to_string(w), spec);
  }
  expect_body(read_volume(folder.path()));
}

TEST(dicom, nifti_and_dicom_of_one_body_agree) {
  const TemporaryFolder folder;
  write(folder, "a", axial(0));
  write(folder, "b", axial(1));
  // What a converter writes of it: the voxels as they lie, LPS+ turned to RAS+ in the matrix.
  braid::testing::NiftiSpec spec;
  spec.dim = {4, 3, 2};
  spec.datatype = 4;
  spec.sform_code = 1;
  spec.srow = {{{-1, 0, 0, 0}, {0, -2, 0, 0}, {0, 0, 3, 0}}};
  for (const float value : braid::testing::body_values())
    spec.data += braid::testing::number_bytes(static_cast<int16_t>(value));
  write_file_atomically(folder / ".body.nii", braid::testing::nifti_bytes(spec));
  const Volume from_nifti = read_volume(folder / ".body.nii");
  const Volume from_dicom = read_volume(folder.path());
  expect_body(from_nifti);
  EXPECT_EQ(from_dicom.values, from_nifti.values);
  EXPECT_EQ(from_dicom.spacing_mm, from_nifti.spacing_mm);
}

TEST(dicom, frames_of_one_file_are_a_volume) {
  DicomSpec spec = axial(0);
  spec.frames = 2;
  const std::vector<int> above = axial(1).pixels;
  spec.pixels.insert(spec.pixels.end(), above.begin(), above.end());
  spec.slice_spacing = "3";
  expect_body(parse_dicom(dicom_bytes(spec), "a.dcm"));
  // The same from head to feet.
  spec.pixels = axial(1).pixels;
  const std::vector<int> below = axial(0).pixels;
  spec.pixels.insert(spec.pixels.end(), below.begin(), below.end());
  spec.frame_positions = {"0\\0\\3", "0\\0\\0"};
  expect_body(parse_dicom(dicom_bytes(spec), "a.dcm"));
  const TemporaryFolder folder;
  write(folder, "a.dcm", spec);
  expect_body(read_volume(folder.path()));
}

TEST(dicom, a_slice_alone_keeps_its_rows_and_columns) {
  DicomSpec spec;
  spec.height = 1;
  spec.width = 3;
  spec.pixels = {1, 2, 3};
  spec.orientation = "-1\\0\\0\\0\\0\\-1";
  spec.thickness = "5";
  const Volume volume = parse_dicom(dicom_bytes(spec), "a.dcm");
  EXPECT_EQ(volume.depth, 1);
  EXPECT_EQ(volume.height, 1);
  EXPECT_EQ(volume.width, 3);
  EXPECT_EQ(volume.spacing_mm, (std::array<double, 3>{5, 2, 1}));
  EXPECT_EQ(volume.values, (std::vector<float>{1, 2, 3}));
}

TEST(dicom, passes_over_what_is_no_slice) {
  const TemporaryFolder folder;
  write(folder, "a.dcm", axial(0));
  write(folder, "b.dcm", axial(1));
  write_file_atomically(folder / "DICOMDIR", braid::testing::dicom_report_bytes());
  write_file_atomically(folder / "notes.txt", "seen twice");
  write_file_atomically(folder / "._a.dcm", "resource fork");
  make_folders(folder / "other");
  write_file_atomically(folder / "other/c.dcm", "not looked at");
  expect_body(read_volume(folder.path()));
  write_file_atomically(folder / "c.dcm", "cut");
  expect_error(ErrorKind::format, "/c.dcm: expected a DICOM file with the letters DICM at byte 128",
               [&] { read_volume(folder.path()); });
}

TEST(dicom, names_the_series_of_a_folder_with_several) {
  const TemporaryFolder folder;
  write(folder, "a.dcm", axial(0));
  write(folder, "b.dcm", axial(1));
  DicomSpec other = axial(0);
  other.series = "1.2.4";
  write(folder, "c.dcm", other);
  expect_error(ErrorKind::format,
               folder.path() +
                   ": expected one DICOM series, got 2: 1.2.3 (2 files), 1.2.4 (1 "
                   "file); give each series a folder of its own",
               [&] { read_volume(folder.path()); });
}

TEST(dicom, finds_missing_and_doubled_slices) {
  const TemporaryFolder folder;
  for (const int d : {0, 1, 2, 4}) write(folder, std::to_string(d), axial(d));
  expect_error(ErrorKind::format,
               folder.path() + ": expected slices 3 mm apart, got 6 mm between " + (folder / "2") +
                   " and " + (folder / "4") + "; is a slice missing?",
               [&] { read_volume(folder.path()); });
  write(folder, "3", axial(3));
  EXPECT_EQ(read_volume(folder.path()).depth, 5);
  write(folder, "3b", axial(3));
  expect_error(ErrorKind::format,
               folder.path() + ": expected one slice at each place, got two at 9 mm: " +
                   (folder / "3") + " and " + (folder / "3b") + "; keep one of each pair",
               [&] { read_volume(folder.path()); });
}

TEST(dicom, steps_may_differ_by_a_hundredth) {
  const TemporaryFolder folder;
  for (const int d : {0, 1, 2}) write(folder, std::to_string(d), axial(d));
  DicomSpec spec = axial(3);
  spec.position = "0\\0\\9.02";
  write(folder, "3", spec);
  EXPECT_NEAR(read_volume(folder.path()).spacing_mm[0], 9.02 / 3, 1e-12);
  spec.position = "0\\0\\9.04";
  write(folder, "3", spec);
  expect_error(ErrorKind::format, "expected slices 3 mm apart, got 3.04 mm",
               [&] { read_volume(folder.path()); });
}

TEST(dicom, slices_have_to_be_alike) {
  const auto refuses = [](const DicomSpec& other, const std::string& message) {
    const TemporaryFolder folder;
    write(folder, "a", axial(0));
    write(folder, "b", other);
    expect_error(ErrorKind::format, (folder / "b") + ": expected " + message,
                 [&] { read_volume(folder.path()); });
  };
  DicomSpec spec = axial(1);
  spec.height = 4;
  spec.width = 3;
  refuses(spec, "a slice of 3 x 4 as in ");
  spec = axial(1);
  spec.spacing = "2\\2";
  refuses(spec, "pixels 2 x 1 mm apart as in ");
  spec = axial(1);
  spec.orientation = "1\\0\\0\\0\\0\\-1";
  refuses(spec, "a slice that lies as those in ");
  spec = axial(1);
  spec.position = "";
  refuses(spec, "its place (ImagePositionPatient), got none");
}

TEST(dicom, truncation_at_every_byte_is_an_error) {
  const std::string bytes = dicom_bytes(axial(0));
  for (size_t length = 0; length < bytes.size(); ++length)
    expect_error(ErrorKind::format, "a.dcm: ", [&] {
      parse_dicom(std::string_view(bytes).substr(0, length), "a.dcm");
    });
}

TEST(dicom, a_folder_keeps_the_limits) {
  const TemporaryFolder folder;
  write(folder, "a", axial(0));
  write(folder, "b", axial(1));
  VolumeLimits limits;
  limits.max_voxels = 23;
  expect_error(ErrorKind::format, "size: expected at most 23 voxels, got 4 x 3 x 2",
               [&] { read_volume(folder.path(), limits); });
  limits = VolumeLimits();
  limits.max_bytes = std::filesystem::file_size(folder / "a") * 3 / 2;
  expect_error(ErrorKind::format, folder.path() + ": expected files of at most ",
               [&] { read_volume(folder.path(), limits); });
}

}  // namespace
}  // namespace braid::formats
