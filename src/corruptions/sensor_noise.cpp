// Series: noise on every measurement.
#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(double level, Rng random, data::Prepared* prepared) {
  for (size_t i = 0; i < prepared->values.size(); ++i)
    if (prepared->observed[i] != 0)
      prepared->values[i] += static_cast<float>(level * random.normal());
}

}  // namespace

extern const Method sensor_noise = {"sensor_noise",
                                    "Normal noise on every measurement.",
                                    "",
                                    "deviation, in deviations of the training rows",
                                    {data::Kind::series},
                                    {0.1, 0.3, 1, 3},
                                    nullptr,
                                    apply};

}  // namespace braid::corruptions
