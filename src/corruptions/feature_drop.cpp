// Ready-made vectors: features fall out.
#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(double level, Rng random, data::Prepared* prepared) {
  const auto mean = static_cast<float>(own_moments(prepared->values).first);
  for (float& value : prepared->values)
    if (random.chance(level)) value = mean;
}

}  // namespace

extern const Method feature_drop = {"feature_drop",
                                    "Features replaced by the mean of the vector's own.",
                                    "",
                                    "chance that a feature falls out",
                                    {data::Kind::embedding},
                                    {0.1, 0.25, 0.5, 0.75},
                                    nullptr,
                                    apply};

}  // namespace braid::corruptions
