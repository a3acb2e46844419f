// Any bytes as a NIfTI file, compressed or not; what was read must have as many finite values as
// its size says.
#include "formats/nifti.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  braid::formats::VolumeLimits limits;
  limits.max_voxels = 1 << 16;
  limits.max_bytes = 1 << 20;
  try {
    const auto volume = braid::formats::parse_nifti(bytes, "fuzz", limits);
    const auto expected = static_cast<size_t>(volume.depth * volume.height * volume.width);
    if (volume.values.size() != expected || expected == 0) std::abort();
    for (const float value : volume.values)
      if (!std::isfinite(value)) std::abort();
    for (const double spacing : volume.spacing_mm)
      if (!(spacing > 0)) std::abort();
  } catch (const braid::Error& e) {
    if (e.kind() != braid::ErrorKind::format) std::abort();
  }
  return 0;
}
