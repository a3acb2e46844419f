// Three-dimensional pictures: NIfTI files, DICOM series, .npy arrays.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace braid::formats {

struct Volume {
  int64_t depth = 0, height = 0, width = 0;      // slices, rows, columns
  std::array<double, 3> spacing_mm = {1, 1, 1};  // between voxels, in the same order
  std::vector<float>
      values;  // (D, H, W), in the file's own units (rescale slope and intercept applied)
};

struct VolumeLimits {
  int64_t max_voxels = int64_t{1} << 29;
  uint64_t max_bytes = uint64_t{1} << 32;  // of the files
};

/// A volume by what the path names:
///   .nii .nii.gz   NIfTI-1 and NIfTI-2. The axes are turned so that slices run from feet to head,
///                  rows from front to back and columns from the patient's right to the left (the
///                  nearest axes; nothing is resampled).
///   a folder       the one DICOM series in it, its slices in the order of their places.
///   .dcm           one DICOM file: one slice, or all frames of one.
///   .npy           (D, H, W), spacing 1 mm.
///
/// Units    spacing in millimetres; values as the scanner's rescaling has them (CT: Hounsfield
///          units). NaN in a NIfTI counts as its least finite value.
/// Errors   format: truncated, of another type, no pixels, several series in one folder, slices of
///          different sizes, missing or doubled slices, colour pictures, beyond a limit. io.
///          usage: built without the library that reads it.
Volume read_volume(const std::string& path, const VolumeLimits& limits = {});

}  // namespace braid::formats
