// NumPy's .npy, versions 1 to 3: little-endian numbers, C or Fortran order, never pickles.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace braid::formats {

struct NpyArray {
  std::vector<int64_t> shape;
  std::vector<double> values;  // C order, whatever the file's order; every number type is widened
};

struct NpyHeader {
  std::string dtype;  // "<f4", "<i8", "|b1" ...
  bool fortran_order = false;
  std::vector<int64_t> shape;
  uint64_t data_offset = 0;  // bytes from the start of the file
};

/// Whether a file's name ends in .npy, in any case.
bool is_npy(const std::string& file);

/// Types: b1, i1 u1 i2 u2 i4 u4 i8 u8, f2 f4 f8. Errors: format (truncated, bytes after the array,
/// pickled, structured, big-endian, overflow). The header alone may be given to parse_npy_header.
NpyHeader parse_npy_header(std::string_view bytes, const std::string& name);
NpyArray parse_npy(std::string_view bytes, const std::string& name);
NpyArray read_npy(const std::string& path);

/// One row (index along the first axis) of a C-order file without reading the rest: shape is the
/// file's without its first axis. Errors: data when `row` is outside, format as above and for
/// Fortran order, io. Cost: two or three system reads, whatever the file's size.
NpyArray read_npy_row(const std::string& path, int64_t row);

/// "<f4" bytes of a C-order array, the same as numpy.save's. Errors: shape, where values do not
/// fill it.
std::string serialize_npy(const std::vector<int64_t>& shape, const std::vector<float>& values);
/// What stands before those values, for a file that is written piece by piece.
std::string serialize_npy_header(const std::vector<int64_t>& shape);

}  // namespace braid::formats
