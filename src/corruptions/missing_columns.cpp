// Tables: cells are empty.
#include "corruptions/corruption.h"

namespace braid::corruptions {
namespace {

void apply(const data::Modality& modality, double level, Rng random, data::Sample* sample) {
  for (const std::string& field : modality.fields)
    if (random.chance(level)) sample->values.erase(field);
}

}  // namespace

extern const Method missing_columns = {
    "missing_columns",
    "Fields missing at random; without any left the table is missing.",
    "",
    "chance that a field is missing",
    {data::Kind::tabular},
    {0.1, 0.25, 0.5, 0.75},
    apply,
    nullptr};

}  // namespace braid::corruptions
