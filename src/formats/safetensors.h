// The safetensors container: named arrays with their type and shape, as PyTorch's ecosystem writes
// them. Here every tensor owns its bytes; checkpoint.h maps files of any size instead.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace braid::formats {

struct SafeTensor {
  std::string dtype;  // one of known_dtypes(), tensor_view.h
  std::vector<int64_t> shape;
  std::string bytes;  // little-endian, C order
};

struct SafeTensors {
  std::vector<std::pair<std::string, SafeTensor>> tensors;  // in the order of their data
  std::map<std::string, std::string> metadata;
  const SafeTensor* find(const std::string& name) const;
};

/// Checks every length, overflow, overlap and gap. Errors: format.
SafeTensors parse_safetensors(std::string_view bytes, const std::string& name);
SafeTensors read_safetensors(const std::string& path);
/// The same bytes for the same content; the header is padded so that data begins at a multiple
/// of 8. Errors: usage (a name twice, unknown dtype, not UTF-8), shape (bytes that do not fill the
/// shape).
std::string serialize_safetensors(const SafeTensors& content);

}  // namespace braid::formats
