// Sound: packets that never arrived.
#include <algorithm>

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

constexpr double kPacket_s = 0.02;

void apply(const data::Modality& modality, double level, Rng random, data::Sample* sample) {
  change_audio(modality, sample, [&](formats::Audio* audio) {
    const size_t packet = std::max<size_t>(1, static_cast<size_t>(kPacket_s * audio->rate_hz));
    for (size_t begin = 0; begin < audio->samples.size(); begin += packet) {
      if (!random.chance(level)) continue;
      const size_t end = std::min(begin + packet, audio->samples.size());
      std::fill(audio->samples.begin() + static_cast<int64_t>(begin),
                audio->samples.begin() + static_cast<int64_t>(end), 0.0f);
    }
  });
}

}  // namespace

extern const Method packet_loss = {
    "packet_loss",       "Packets of 20 ms are silent.", "",    "chance that a packet is lost",
    {data::Kind::audio}, {0.05, 0.1, 0.3, 0.6},          apply, nullptr};

}  // namespace braid::corruptions
