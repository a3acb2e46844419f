// Ready-made vectors: noise on every feature.
#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(double level, Rng random, data::Prepared* prepared) {
  const double deviation = level * own_moments(prepared->values).second;
  for (float& value : prepared->values) value += static_cast<float>(deviation * random.normal());
}

}  // namespace

extern const Method feature_noise = {"feature_noise",
                                     "Gaussian noise on every feature.",
                                     "",
                                     "standard deviation, in those of the vector's own values",
                                     {data::Kind::embedding},
                                     {0.25, 0.5, 1, 2},
                                     nullptr,
                                     apply};

}  // namespace braid::corruptions
