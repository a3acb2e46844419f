#include "formats/volume.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/file.h"
#include "expect_error.h"
#include "formats/npy.h"
#include "nifti_bytes.h"
#include "volume_body.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;

TEST(volume, the_name_tells_the_format) {
  const TemporaryFolder folder;
  braid::testing::NiftiSpec spec;
  spec.dim = {1, 1, 2};
  spec.data = std::string("\x03\x04", 2);
  const std::string nifti = braid::testing::nifti_bytes(spec);
  write_file_atomically(folder / "a.nii", nifti);
  write_file_atomically(folder / "b.NII.GZ", braid::testing::gzip_bytes(nifti));
  for (const char* name : {"a.nii", "b.NII.GZ"}) {
    const Volume volume = read_volume(folder / name);
    EXPECT_EQ(volume.depth, 2);
    EXPECT_EQ(volume.values, (std::vector<float>{3, 4}));
  }
}

TEST(volume, reads_an_array) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  std::vector<float> values = braid::testing::body_values();
  write_file_atomically(path, serialize_npy({2, 3, 4}, values));
  const Volume volume = read_volume(path);
  EXPECT_EQ(volume.depth, 2);
  EXPECT_EQ(volume.height, 3);
  EXPECT_EQ(volume.width, 4);
  EXPECT_EQ(volume.spacing_mm, (std::array<double, 3>{1, 1, 1}));
  EXPECT_EQ(volume.values, values);
  values[5] = NAN;
  write_file_atomically(path, serialize_npy({2, 3, 4}, values));
  EXPECT_EQ(read_volume(path).values[5], 0);  // the least
  write_file_atomically(path, serialize_npy({6, 4}, values));
  expect_error(ErrorKind::format, path + ": expected an array (slices, rows, columns), got 2 axes",
               [&] { read_volume(path); });
  write_file_atomically(path, serialize_npy({0, 6, 4}, {}));
  expect_error(ErrorKind::format, path + ": size: expected positive lengths, got 0 x 6 x 4",
               [&] { read_volume(path); });
}

TEST(volume, refuses_other_names_and_missing_files) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::format,
               "a.mha: expected a volume (.nii, .nii.gz, .dcm, .npy, or a folder",
               [] { read_volume("a.mha"); });
  expect_error(ErrorKind::format, "a.hdr: expected a single file, got one half of a pair",
               [] { read_volume("a.hdr"); });
  expect_error(ErrorKind::io, "a.nii: cannot open", [&] { read_volume(folder / "a.nii"); });
  expect_error(ErrorKind::format, "expected a folder with the files of a DICOM series, got none",
               [&] { read_volume(folder.path()); });
}

TEST(volume, files_keep_the_limits) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  write_file_atomically(path, serialize_npy({1, 2, 3}, {1, 2, 3, 4, 5, 6}));
  VolumeLimits limits;
  limits.max_voxels = 5;
  expect_error(ErrorKind::format, path + ": size: expected at most 5 voxels, got 1 x 2 x 3",
               [&] { read_volume(path, limits); });
  limits.max_bytes = 151;
  expect_error(ErrorKind::format, path + ": expected a file of at most 151 bytes, got 152",
               [&] { read_volume(path, limits); });
}

}  // namespace
}  // namespace braid::formats
