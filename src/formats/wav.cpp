#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "formats/audio.h"

namespace braid::formats {
namespace {

void append_little(uint64_t value, int num_bytes, std::string* out) {
  for (int i = 0; i < num_bytes; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

}  // namespace

std::string encode_wav(const Audio& audio) {
  BRAID_CHECK(audio.rate_hz > 0, usage, "encode_wav: rate: expected above 0 Hz, got {}",
              audio.rate_hz);
  const uint64_t data_bytes = audio.samples.size() * 2;
  BRAID_CHECK(data_bytes <= 0xFFFFFFFF - 36, usage,
              "encode_wav: expected at most 2147483629 samples, got {}", audio.samples.size());
  std::string out;
  out.reserve(44 + data_bytes);
  out += "RIFF";
  append_little(36 + data_bytes, 4, &out);
  out += "WAVEfmt ";
  append_little(16, 4, &out);                                        // size of this chunk
  append_little(1, 2, &out);                                         // PCM
  append_little(1, 2, &out);                                         // channels
  append_little(static_cast<uint64_t>(audio.rate_hz), 4, &out);      // samples per second
  append_little(static_cast<uint64_t>(audio.rate_hz) * 2, 4, &out);  // bytes per second
  append_little(2, 2, &out);                                         // bytes per sample
  append_little(16, 2, &out);                                        // bits per sample
  out += "data";
  append_little(data_bytes, 4, &out);
  for (size_t i = 0; i < audio.samples.size(); ++i) {
    const float sample = audio.samples[i];
    BRAID_CHECK(std::isfinite(sample), numeric,
                "encode_wav: sample {}: expected a finite number, got {}", i, sample);
    const long value = std::clamp(std::lround(sample * 32768.0f), -32768L, 32767L);
    append_little(static_cast<uint64_t>(value), 2, &out);
  }
  return out;
}

}  // namespace braid::formats
