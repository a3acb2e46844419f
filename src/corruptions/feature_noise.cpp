// Ready-made vectors: noise on every feature.
#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(double level, Rng random, data::Prepared* prepared) {
  for (float& value : prepared->values) value += static_cast<float>(level * random.normal());
}

}  // namespace

extern const Method feature_noise = {"feature_noise",
                                     "Gaussian noise on every feature.",
                                     "",
                                     "standard deviation, in deviations of the training rows",
                                     data::Kind::embedding,
                                     {0.25, 0.5, 1, 2},
                                     nullptr,
                                     apply};

}  // namespace braid::corruptions
