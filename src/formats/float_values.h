// The types that safetensors files hold, and the loops that make float32 of them. Apart from
// tensor_view.cpp because these loops are compiled for speed.
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

namespace braid::formats {

struct StoredType {
  const char* name;
  size_t bytes;
  /// `count` little-endian items at any address; `values` may not overlap them.
  void (*convert)(const char* bytes, size_t count, float* values);
};

/// nullptr for an unknown name.
const StoredType* find_stored_type(std::string_view name);
std::vector<std::string_view> stored_type_names();

}  // namespace braid::formats
