// Pearson correlation of predictions and targets: blind to their scale and offset.
#include "metrics/checks.h"
#include "metrics/ranks.h"

namespace braid::metrics {

extern const Method pearson;

namespace {

double value(const Predictions& p) {
  return is_scorable(pearson, p) ? correlation(p.scores, p.targets) : kUndefined;
}

}  // namespace

extern const Method pearson = {"pearson",
                               "Linear correlation of predictions and targets.",
                               "Pearson 1895, doi:10.1098/rspl.1895.0041",
                               /*higher_is_better=*/true,
                               is_regression,
                               value};

}  // namespace braid::metrics
