// Any bytes as a safetensors file; what was read must read the same after being written, and every
// tensor has as many floats as its shape says.
#include "formats/safetensors.h"

#include <cstdint>
#include <cstdlib>

#include "core/error.h"
#include "formats/safetensors_header.h"

namespace {

bool is_same(const braid::formats::SafeTensors& a, const braid::formats::SafeTensors& b) {
  if (a.metadata != b.metadata || a.tensors.size() != b.tensors.size()) return false;
  for (size_t i = 0; i < a.tensors.size(); ++i) {
    const auto& [name, tensor] = a.tensors[i];
    const auto& [other_name, other] = b.tensors[i];
    if (name != other_name || tensor.dtype != other.dtype || tensor.shape != other.shape ||
        tensor.bytes != other.bytes)
      return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  braid::formats::SafeTensors content;
  try {
    content = braid::formats::parse_safetensors(bytes, "fuzz");
  } catch (const braid::Error&) {
    return 0;
  }
  const std::string written = braid::formats::serialize_safetensors(content);
  if (!is_same(content, braid::formats::parse_safetensors(written, "again"))) std::abort();
  for (const auto& view : braid::formats::parse_safetensors_header(bytes, "fuzz").tensors) {
    size_t count = 1;
    for (const int64_t length : view.shape) count *= static_cast<size_t>(length);
    if (braid::formats::to_floats(view).size() != count) std::abort();
  }
  return 0;
}
