// Root mean squared error, in the target's unit.
#include <cmath>

#include "metrics/checks.h"

namespace braid::metrics {

extern const Method rmse;

namespace {

double value(const Predictions& p) {
  if (!is_scorable(rmse, p)) return kUndefined;
  double sum = 0;
  for (size_t i = 0; i < p.targets.size(); ++i) {
    const double error = p.scores[i] - p.targets[i];
    sum += error * error;
  }
  return std::sqrt(sum / static_cast<double>(p.targets.size()));
}

}  // namespace

extern const Method rmse = {"rmse",
                            "Root of the mean squared error, in the target's unit.",
                            "",
                            /*higher_is_better=*/false,
                            is_regression,
                            value};

}  // namespace braid::metrics
