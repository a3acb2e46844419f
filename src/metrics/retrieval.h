// How well queries of one modality find their answers in another. Two matched sets of embeddings,
// no scores and targets of a task, so these stand beside the registered metrics.
#pragma once
#include <cstdint>
#include <vector>

#include "core/unit_rows.h"
#include "metrics/bootstrap.h"

namespace braid::metrics {

/// For each query the candidates that answer it, usually one.
using Answers = std::vector<std::vector<int64_t>>;

/// Where one query's answers stand among all candidates.
struct RankedQuery {
  double rank = 0;               // of the first answer; 1 = before all others
  double average_precision = 0;  // mean over its answers of (answers up to there) / (rank there)
};

/// Every query's ranks. A candidate that is no answer and ties with an answer stands before it: a
/// model that cannot tell candidates apart gets the worst ranks, not the best.
///
/// Shapes   similarity [N, num_candidates], row-major; relevant has N lists -> N.
/// Errors   shape: no queries or candidates, or sizes that do not fit each other. data: a query
///          without an answer, an answer that is no candidate or stands twice. numeric: NaN.
/// Cost     N * num_candidates comparisons; of several answers the logarithm of their number each.
std::vector<RankedQuery> rank_queries(const std::vector<float>& similarity, int64_t num_candidates,
                                      const Answers& relevant);

/// The same by cosine similarity, of which one block at a time is in memory.
///
/// Shapes   queries N rows, candidates of the same width.
/// Cost     N * candidates * width multiply-adds, shared out to `num_threads` (0 = all cores).
std::vector<RankedQuery> rank_queries(const UnitRows& queries, const UnitRows& candidates,
                                      const Answers& relevant, int num_threads = 0);

struct Retrieval {
  double recall_1 = 0;  // share of queries with an answer among the first 1, 5 and 10
  double recall_5 = 0;
  double recall_10 = 0;
  double median_rank = 0;
  double mean_average_precision = 0;
  int64_t num_queries = 0;
};

/// Errors   shape: no queries.
Retrieval summarize(const std::vector<RankedQuery>& queries);

/// summarize(rank_queries(...)), with their errors.
Retrieval retrieval(const std::vector<float>& similarity, int64_t num_candidates,
                    const Answers& relevant);

struct RetrievalIntervals {
  Interval recall_1, recall_5, recall_10, median_rank, mean_average_precision;
};

/// Intervals by drawing queries, whole clusters where `groups` (N, or empty) says so, among the
/// same candidates.
///
/// Errors   those of bootstrap_rows. shape: no queries.
RetrievalIntervals retrieval_intervals(const std::vector<RankedQuery>& queries,
                                       const std::vector<int64_t>& groups = {},
                                       const BootstrapOptions& options = {});

}  // namespace braid::metrics
