// DICOM files for the tests, written through DCMTK.
#pragma once
#include <array>
#include <string>
#include <vector>

namespace braid::testing {

struct DicomSpec {
  std::string series = "1.2.3";
  int height = 2, width = 2, frames = 1;
  int bits = 16;  // allocated
  int stored_bits = 16;
  bool is_signed = false;
  std::string colours = "MONOCHROME2";
  int samples = 1;
  std::vector<int> pixels = {1, 2, 3, 4};
  // "" = the element is left out.
  std::string position = "0\\0\\0", orientation = "1\\0\\0\\0\\1\\0", spacing = "2\\1";
  std::string slope, intercept, slice_spacing, thickness;
  std::vector<std::string> frame_positions;  // in per-frame functional groups
  /// plain, implicit, big_endian, rle, jpeg, jpeg_lossless, jpeg_ls, deflated.
  std::string syntax = "plain";
};

/// The whole file.
std::string dicom_bytes(const DicomSpec& spec);

/// A DICOM file without a picture, as reports are.
std::string dicom_report_bytes();

/// A file whose sequences lie `depth` deep in each other.
std::string nested_dicom_bytes(int depth);

}  // namespace braid::testing
