// Any bytes as sound; what was decoded must be finite and as long as its rate and duration say.
#include "formats/audio.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  braid::formats::AudioLimits limits;
  limits.max_duration_s = 2;
  try {
    braid::formats::AudioInfo info;
    const auto audio = braid::formats::decode_audio(bytes, "fuzz", 16000, &info, limits);
    if (audio.samples.empty() || info.duration_s > limits.max_duration_s) std::abort();
    if (std::abs(static_cast<double>(audio.samples.size()) / 16000 - info.duration_s) > 1.0 / 16000)
      std::abort();
  } catch (const braid::Error& e) {
    if (e.kind() == braid::ErrorKind::internal) std::abort();
  }
  return 0;
}
