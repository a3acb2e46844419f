// The parts of an .npy header that reading a whole file and reading one row share.
#pragma once
#include "formats/npy.h"

namespace braid::formats {

/// Bytes before the data, told from the file's first 12 bytes. Errors: format (not .npy, a version
/// other than 1 to 3, a header over 1 MiB).
uint64_t npy_front_bytes(std::string_view bytes, const std::string& name);

/// Bytes of one element of a header that parse_npy_header returned.
size_t npy_item_bytes(const NpyHeader& header);

/// Bytes of all elements. Errors: format, where they do not fit 63 bits.
uint64_t npy_data_bytes(const NpyHeader& header, const std::string& name);

}  // namespace braid::formats
