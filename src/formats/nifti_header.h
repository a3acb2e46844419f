// The header of a NIfTI file, both versions and byte orders brought to one form.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "formats/volume_grid.h"

namespace braid::formats {

constexpr size_t kNiftiFrontBytes = 540;  // the longer of the two headers

struct NiftiHeader {
  bool is_swapped = false;  // the file's byte order is not this machine's
  int datatype = 0;         // NIfTI's code
  size_t item_bytes = 0;
  uint64_t data_offset = 0;  // bytes from the start of the file
  double slope = 1, intercept = 0;
  VoxelGrid grid;
};

/// From a file's first bytes; kNiftiFrontBytes of them are always enough. Errors: format.
NiftiHeader parse_nifti_header(std::string_view bytes, const std::string& name);

}  // namespace braid::formats
