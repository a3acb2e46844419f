// Which family of fusions to try, from what the single modalities show, and why.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "compare/trials.h"
#include "explain/information.h"
#include "metrics/bootstrap.h"

namespace braid::compare {

/// What is known of the modalities. All of it comes from the training and validation rows.
struct Evidence {
  struct Modality {
    std::string name;
    double value = 0;        // the metric of the single model
    metrics::Interval gain;  // over knowing nothing but how frequent classes are; above 0 = better
    double missing = 0;      // share of the training rows that lack it
    int64_t tokens = 1;      // longest sequence its encoder hands out
  };
  struct Pair {
    size_t a = 0, b = 0;
    bool has_bits = false;  // for classes alone
    explain::Decomposition bits;
    double shared_errors = 0;  // of the rows that one of the two gets wrong, those that both do
  };
  std::vector<Modality> modalities;
  std::vector<Pair> pairs;
  int64_t train_rows = 0;
};

struct Advice {
  std::string family;                // single, early, late or hybrid
  std::vector<std::string> methods;  // fusions to try, the first one first
  std::vector<std::string> reasons;  // sentences
};

/// Rules of thumb, in docs/choosing.md with their thresholds: nothing to fuse where one modality
/// alone tells anything; early where modalities tell most of it only together; late where they say
/// the same, or the rows are few; hybrid otherwise.
Advice advise(const Evidence& evidence);

/// From a plan whose trials are done. What two modalities tell together is what the best fusion
/// among the contenders, or else their combined single scores, makes of them. Redundancy: see
/// explain/information.h; scores are calibrated by one temperature each before they are turned into
/// bits, since a network's overconfidence is no lack of information.
///
/// Cost     one pass over the validation rows.
Evidence gather_evidence(const train::Experiment& experiment, std::vector<train::Fold>& folds,
                         const metrics::Method& metric, Plan& plan);

/// compare.json's `advice`.
Json to_json(const Evidence& evidence, const Advice& advice);

}  // namespace braid::compare
