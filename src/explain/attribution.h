// What a model's predictions are made up of over many rows, in parts of the input.
#pragma once
#include "explain/attention.h"

namespace braid::explain {

/// Rows that attribution is gathered over; of more, as many are taken, evenly spread.
constexpr int64_t kAttributionRows = 64;

/// Integrated gradients (gradients.h) of the explained scores by modality, and by column of a
/// table; and deletion and insertion of parts of the input (units.h) in their order.
///
/// Shapes   -> "attribution" of docs/explain-json.md.
/// Errors   as Loader.
/// Cost     for each of the rows 32 to 224 forward and backward passes and about 65 forward ones.
Json attribution(model::Bundle& bundle, data::PreparedStore& store, const Contributions& explained,
                 const DetailOptions& options);

}  // namespace braid::explain
