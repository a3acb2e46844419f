// Mean absolute error, in the target's unit.
#include <cmath>

#include "metrics/checks.h"

namespace braid::metrics {

extern const Method mae;

namespace {

double value(const Predictions& p) {
  if (!is_scorable(mae, p)) return kUndefined;
  double sum = 0;
  for (size_t i = 0; i < p.targets.size(); ++i) sum += std::abs(p.scores[i] - p.targets[i]);
  return sum / static_cast<double>(p.targets.size());
}

}  // namespace

extern const Method mae = {"mae",
                           "Mean absolute error, in the target's unit.",
                           "",
                           /*higher_is_better=*/false,
                           is_regression,
                           value};

}  // namespace braid::metrics
