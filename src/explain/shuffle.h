// One modality of a batch, given to other rows.
#pragma once
#include "core/rng.h"
#include "layers/encoded.h"

namespace braid::explain {

/// Every row that has the modality gets it from another such row, where there are two.
Encoded shuffled_rows(const Encoded& clean, Rng random);

}  // namespace braid::explain
