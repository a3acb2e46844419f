// A clock that lies behind the others'.
#include "corruptions/skew.h"

namespace braid::corruptions {
namespace {

void apply(const data::Modality& modality, double level, Rng, data::Sample* sample) {
  shift_in_time(modality, level / 1000, sample);
}

}  // namespace

extern const Method late = {"late",
                            "The modality comes late against the others by a constant offset.",
                            "",
                            "offset, ms",
                            {data::Kind::audio, data::Kind::video, data::Kind::series},
                            {40, 100, 200, 400},
                            apply,
                            nullptr};

}  // namespace braid::corruptions
