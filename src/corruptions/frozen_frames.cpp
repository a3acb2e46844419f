// Video: the picture stands still now and then.
#include <algorithm>

#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(double level, Rng random, data::Prepared* prepared) {
  const int64_t size = static_cast<int64_t>(prepared->values.size()) / prepared->length;
  for (int64_t t = 1; t < prepared->length; ++t)
    if (random.chance(level))
      std::copy_n(prepared->values.begin() + (t - 1) * size, size,
                  prepared->values.begin() + t * size);
}

}  // namespace

extern const Method frozen_frames = {"frozen_frames",
                                     "Frames that never came: the one before is shown again.",
                                     "",
                                     "chance that a frame is lost",
                                     {data::Kind::video},
                                     {0.1, 0.3, 0.6, 0.9},
                                     nullptr,
                                     apply};

}  // namespace braid::corruptions
