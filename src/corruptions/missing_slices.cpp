// Volumes: slices that are not there.
#include <algorithm>
#include <cmath>

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

// A cube: as many slices as rows and columns.
void apply(double level, Rng random, data::Prepared* prepared) {
  const auto size = static_cast<int64_t>(prepared->values.size());
  const int64_t side = std::llround(std::cbrt(static_cast<double>(size)));
  for (int64_t d = 0; d < side; ++d)
    if (random.chance(level))
      std::fill_n(prepared->values.begin() + d * (size / side), size / side, 0.0f);
}

}  // namespace

extern const Method missing_slices = {
    "missing_slices",     "Slices replaced by the mean.", "",      "chance that a slice is lost",
    {data::Kind::volume}, {0.1, 0.25, 0.5, 0.75},         nullptr, apply};

}  // namespace braid::corruptions
