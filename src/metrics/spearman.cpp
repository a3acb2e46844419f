// Spearman correlation: Pearson's of the ranks, ties sharing theirs; blind to any monotone change.
#include "metrics/checks.h"
#include "metrics/ranks.h"

namespace braid::metrics {

extern const Method spearman;

namespace {

double value(const Predictions& p) {
  if (!is_scorable(spearman, p)) return kUndefined;
  return correlation(mid_ranks(p.scores), mid_ranks(p.targets));
}

}  // namespace

extern const Method spearman = {"spearman",
                                "Correlation of the ranks of predictions and targets.",
                                "Spearman 1904, doi:10.2307/1412159",
                                /*higher_is_better=*/true,
                                is_regression,
                                value};

}  // namespace braid::metrics
