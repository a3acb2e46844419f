// Sound: recorded too loud.
#include <algorithm>
#include <cmath>

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(const data::Modality& modality, double level, Rng, data::Sample* sample) {
  change_audio(modality, sample, [&](formats::Audio* audio) {
    float peak = 0;
    for (float value : audio->samples) peak = std::max(peak, std::abs(value));
    const float limit = static_cast<float>(level) * peak;
    for (float& value : audio->samples) value = std::clamp(value, -limit, limit);
  });
}

}  // namespace

extern const Method clipping = {
    "clipping",
    "Recorded too loud: what lies beyond a share of the peak is cut off.",
    "",
    "share of the peak that is left",
    {data::Kind::audio},
    {0.5, 0.2, 0.05, 0.01},
    apply,
    nullptr};

}  // namespace braid::corruptions
