// From trials to compare.json: means, intervals, differences, subsets, the winner and the verdict.
#pragma once
#include <string>
#include <vector>

#include "compare/trials.h"
#include "core/json.h"

namespace braid::compare {

struct Summary {
  Json document;           // methods, subsets, best_single, winner, verdict
  size_t winner = 0;       // contender
  size_t best_single = 0;  // contender
};

/// Cost: a thousand resamples per method, metric and subset.
Summary summarize(const train::Experiment& experiment, const std::vector<train::Fold>& folds,
                  const metrics::Method& metric, const Plan& plan);

/// The contender's trial with the best validation result, of one fold or (-1) of all: the one whose
/// model becomes the bundle.
const Trial& best_trial(const Plan& plan, size_t contender, const metrics::Method& metric,
                        int64_t fold = -1);

}  // namespace braid::compare
