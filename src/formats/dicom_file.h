// One DICOM file: what it says of its pictures, and their numbers.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/volume_grid.h"

namespace braid::formats {

/// One picture and its place in the patient, LPS+: +x left, +y back, +z head.
struct DicomFrame {
  Vector3 position = {0, 0, 0};  // of its first pixel, in mm
  Vector3 along_row = {1, 0, 0}, along_column = {0, 1, 0};
  double row_spacing_mm = 1, column_spacing_mm = 1;  // between rows, between columns
  double slope = 1, intercept = 0;
};

struct DicomFile {
  bool has_pictures = false;  // reports, plans and DICOMDIR have none; the rest is then empty
  std::string series;         // SeriesInstanceUID
  int64_t height = 0, width = 0;
  bool has_positions = false;   // from the file, not the defaults above
  double slice_spacing_mm = 1;  // between slices, else their thickness, else 1
  std::vector<DicomFrame> frames;
  std::vector<float> values;  // (frames, H, W), rescaled; where they were asked for
};

/// Grey pictures of 8 or 16 bits, MONOCHROME1 inverted within its stored bits. `with_pixels` false
/// reads no further than the pixels.
///
/// Errors   format: truncated, damaged, colours, another number of bits, a compression that DCMTK
///          does not read, beyond a limit. usage: built without DCMTK.
/// Cost     one frame at a time is decoded; any number of threads may read at once.
DicomFile parse_dicom_file(std::string_view bytes, const std::string& name, bool with_pixels,
                           const VolumeLimits& limits);

bool has_dcmtk();

}  // namespace braid::formats
