// A clock that is off by another amount in each sample.
#include "corruptions/skew.h"

namespace braid::corruptions {
namespace {

void apply(const data::Modality& modality, double level, Rng random, data::Sample* sample) {
  shift_in_time(modality, level / 1000 * (2 * random.uniform() - 1), sample);
}

}  // namespace

extern const Method jitter = {
    "jitter",
    "Each sample's modality is early or late by an amount of its own, even over plus and minus the "
    "level.",
    "",
    "largest offset, ms",
    {data::Kind::audio, data::Kind::video, data::Kind::series},
    {40, 100, 200, 400},
    apply,
    nullptr};

}  // namespace braid::corruptions
