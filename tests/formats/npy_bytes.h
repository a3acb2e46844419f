// Hand-built .npy files for the tests.
#pragma once
#include <string>

namespace braid::testing {

/// A file of the given version whose header is exactly `header`, followed by `data`.
inline std::string npy_bytes(const std::string& header, const std::string& data, int version = 1) {
  std::string bytes("\x93NUMPY", 6);
  bytes += static_cast<char>(version);
  bytes += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    bytes += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  return bytes + header + data;
}

inline std::string npy_dict(const std::string& dtype, const std::string& shape,
                            const std::string& order = "False") {
  return "{'descr': '" + dtype + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

}  // namespace braid::testing
