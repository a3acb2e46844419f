// The header of the safetensors container: which tensor lies where. The copying reader
// (safetensors.h) and the mapped checkpoints (checkpoint.h) stand on it.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/tensor_view.h"

namespace braid::formats {

struct SafetensorsHeader {
  std::vector<TensorView> tensors;  // in the order of their data, which are views into the file
  std::map<std::string, std::string> metadata;
};

/// Reads the header alone of a whole file's bytes, and checks every length, overflow, overlap and
/// gap. Errors: format; messages open with `name`.
SafetensorsHeader parse_safetensors_header(std::string_view file, const std::string& name);

/// What precedes the tensors' bytes in a file that holds them in this order; padded so that data
/// begins at a multiple of 8. Errors: usage (a name twice, unknown dtype, not UTF-8), shape (bytes
/// that do not fill the shape).
std::string serialize_safetensors_header(const std::vector<TensorView>& tensors,
                                         const std::map<std::string, std::string>& metadata);

}  // namespace braid::formats
