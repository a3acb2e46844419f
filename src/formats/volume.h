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
///   .nii .nii.gz   NIfTI-1 and NIfTI-2, one volume in one file.
///   a folder       the one DICOM series in it; what is no DICOM or has no picture is passed over.
///   .dcm           one DICOM file: one slice, or all frames of one.
///   .npy           (D, H, W), spacing 1 mm, taken as it lies.
/// The axes of NIfTI and DICOM are turned so that slices run from feet to head, rows from front to
/// back and columns from the patient's right to the left (the nearest axes; nothing is resampled),
/// so the same body gives the same array. A DICOM slice alone keeps its rows and columns.
///
/// Units    spacing in millimetres; values as the scanner's rescaling has them (CT: Hounsfield
///          units), MONOCHROME1 inverted within its stored bits.
/// Missing  NaN counts as the least finite value, an infinity as the nearest one.
/// Errors   format: truncated, damaged, of another type, no pixels, several volumes, several series
///          in one folder, slices of different sizes, spacings or directions, missing or doubled
///          slices (steps that differ by more than 1 %), complex numbers, colour pictures, beyond a
///          limit. io. usage: built without the library that reads it.
/// Cost     one array of floats and, where axes are turned, a second one; DICOM files are read
///          twice. Any number of threads may read at once.
Volume read_volume(const std::string& path, const VolumeLimits& limits = {});

}  // namespace braid::formats
