#include <gtest/gtest.h>

#include "core/file.h"
#include "expect_error.h"
#include "formats/dicom_file.h"
#include "formats/volume.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;

TEST(without_dcmtk, says_what_is_missing) {
  EXPECT_FALSE(has_dcmtk());
  const TemporaryFolder folder;
  const std::string path = folder / "a.dcm";
  write_file_atomically(path, std::string(128, '\0') + "DICM");
  for (const std::string& named : {path, folder.path()})
    expect_error(ErrorKind::usage,
                 path +
                     ": Braid was built without DCMTK and cannot read DICOM; install "
                     "libdcmtk-dev and build again, or save the volume as NIfTI",
                 [&] { read_volume(named); });
}

}  // namespace
}  // namespace braid::formats
