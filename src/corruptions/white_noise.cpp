// Sound: white noise.
#include <cmath>

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(const data::Modality& modality, double level, Rng random, data::Sample* sample) {
  change_audio(modality, sample, [&](formats::Audio* audio) {
    double power = 0;
    for (float value : audio->samples) power += static_cast<double>(value) * value;
    power /= static_cast<double>(audio->samples.size());
    const double deviation = std::sqrt(power * std::pow(10.0, -level / 10));
    for (float& value : audio->samples) value += static_cast<float>(deviation * random.normal());
  });
}

}  // namespace

extern const Method white_noise = {"white_noise",
                                   "White noise over the whole sound.",
                                   "",
                                   "signal to noise, dB",
                                   {data::Kind::audio},
                                   {20, 10, 0, -10},
                                   apply,
                                   nullptr};

}  // namespace braid::corruptions
