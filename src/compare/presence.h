// How many rows have a modality.
#pragma once
#include <cstdint>
#include <vector>

#include "train/experiment.h"

namespace braid::compare {

/// Share of `rows` that have the modality: one cell is enough for the table, a vector of several
/// columns needs them all. 0 without rows.
double share_present(const train::Experiment& experiment, const data::Modality& modality,
                     const std::vector<int64_t>& rows);

}  // namespace braid::compare
