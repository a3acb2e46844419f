// Video and volumes: noise on every pixel.
#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(double level, Rng random, data::Prepared* prepared) {
  for (float& value : prepared->values) value += static_cast<float>(level * random.normal());
}

}  // namespace

extern const Method frame_noise = {"frame_noise",
                                   "Normal noise on every pixel of every frame or slice.",
                                   "",
                                   "deviation, in deviations as the values are standardised",
                                   {data::Kind::video, data::Kind::volume},
                                   {0.1, 0.3, 1, 3},
                                   nullptr,
                                   apply};

}  // namespace braid::corruptions
