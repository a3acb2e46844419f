// Any bytes as an .npy file; what was read must have as many values as its shape says.
#include "formats/npy.h"

#include <cstdint>
#include <cstdlib>

#include "core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const auto array = braid::formats::parse_npy(bytes, "fuzz");
    size_t count = 1;
    for (const int64_t length : array.shape) count *= static_cast<size_t>(length);
    if (count != array.values.size()) std::abort();
  } catch (const braid::Error&) {
  }
  return 0;
}
