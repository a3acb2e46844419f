// What a shared space says of rows: their vectors, and how well each modality finds the others.
#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "core/json.h"
#include "data/loader.h"
#include "metrics/retrieval.h"
#include "model/shared_space.h"

namespace braid::train {

/// Rows of a data set in the space.
struct SpaceRows {
  std::vector<at::Tensor> vectors;             // [modality] (N, E) float32 on the CPU
  std::vector<std::vector<bool>> present;      // [modality][row]
  std::vector<std::vector<uint64_t>> content;  // [modality][row] the same where the content is
};

/// [modality][row] a hash of each row's prepared arrays; 0 where it is absent. Cost   prepares
/// every row once on `num_threads` threads; the store keeps what it can.
std::vector<std::vector<uint64_t>> contents_of(const model::SharedSpace& space,
                                               data::PreparedStore& store,
                                               const std::vector<int64_t>& rows, int num_threads);

/// Without gradients, in evaluation mode, in which it leaves the space. `content` as contents_of()
/// has it for these rows. Errors   as Loader; numeric: a vector that is not finite.
SpaceRows encode_rows(model::SharedSpace& space, data::PreparedStore& store,
                      const std::vector<int64_t>& rows, std::vector<std::vector<uint64_t>> content,
                      int num_workers);

/// Queries of one modality among the rows that have another.
struct Direction {
  size_t from = 0, to = 0;  // modalities
  std::vector<metrics::RankedQuery> queries;
  std::vector<int64_t> rows;  // of each query, its place among SpaceRows' rows
  int64_t num_candidates = 0;
  std::vector<double> chance;  // of recall@1, 5 and 10 for random ranks
};

/// Every ordered pair of modalities that a row has both of. A query's answers are its own row and
/// those whose content is the same on either side: they cannot, or need not, be told apart.
std::vector<Direction> rank_directions(const SpaceRows& rows, int num_threads);

/// The means over directions of recall@10 and of average precision; 0 where there are none.
struct MeanRetrieval {
  double recall_10 = 0, average_precision = 0;
};
MeanRetrieval mean_retrieval(const std::vector<Direction>& directions);

/// {"rows": N, "directions": [{"from", "to", "queries", "candidates", "recall_1": {"mean",
/// "interval"}, ..., "chance": {...}}], "pairs": [{"a", "b", "modality_gap", "alignment"}],
/// "uniformity": {name: ...}}.
Json measure_space(const SpaceRows& rows, const std::vector<std::string>& names, int num_threads);

}  // namespace braid::train
