// Any bytes as a picture; what was decoded must hold as many samples as its size says and be
// resizable.
#include "formats/image.h"

#include <cstdint>
#include <cstdlib>

#include "core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  braid::formats::ImageLimits limits;
  limits.max_pixels = 1 << 16;
  try {
    const auto image = braid::formats::decode_image(bytes, "fuzz", limits);
    const size_t expected = static_cast<size_t>(image.width) * image.height * image.channels;
    if (image.pixels.size() + image.pixels16.size() != expected) std::abort();
    if (braid::formats::resize_image(image, 5, 7, 3, "pad").size() != 5 * 7 * 3) std::abort();
  } catch (const braid::Error& e) {
    if (e.kind() == braid::ErrorKind::internal) std::abort();
  }
  return 0;
}
