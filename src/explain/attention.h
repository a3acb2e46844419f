// What a fusion's attention looks at over many rows, and whether that is what its prediction needs.
#pragma once
#include "core/log.h"
#include "explain/contribution.h"

namespace braid::explain {

struct DetailOptions {
  std::vector<int64_t> groups;  // (N) or empty: rows that belong together in the intervals
  metrics::BootstrapOptions bootstrap;
  Sinks sinks;
};

/// Rows that attention is gathered over; of more, as many are taken, evenly spread.
constexpr int64_t kAttentionRows = 256;

/// Attention of every layer and head from modality to modality, rollout and flow (rollout.h), and
/// deletion and insertion of the fusion's tokens in the order of rollout and of the tokens'
/// integrated gradients.
///
/// Shapes   -> "attention" of docs/explain-json.md; null where the fusion fills no maps.
/// Errors   as Loader.
/// Cost     one encoding and about 80 runs of the fusion for each of the rows.
Json attention(model::Bundle& bundle, data::PreparedStore& store, const Contributions& explained,
               const DetailOptions& options);

/// Runs the fusion on `encoded` with its maps filled.
Fused forward_with_attention(fusion::Fusion& fusion, const std::vector<Encoded>& encoded);

/// Indices of the explained rows that details are gathered over, with their rows, outputs and
/// groups.
struct Chosen {
  std::vector<int64_t> rows, outputs, groups;
};
Chosen choose_rows(const Contributions& explained, const std::vector<int64_t>& groups,
                   int64_t most);

}  // namespace braid::explain
