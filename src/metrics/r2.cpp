// R squared: 1 - (squared error) / (squared error of always saying the targets' mean).
#include "metrics/checks.h"
#include "metrics/ranks.h"

namespace braid::metrics {

extern const Method r2;

namespace {

double value(const Predictions& p) {
  if (!is_scorable(r2, p) || is_constant(p.targets)) return kUndefined;
  const double center = mean(p.targets);
  double residual = 0, total = 0;
  for (size_t i = 0; i < p.targets.size(); ++i) {
    const double error = p.scores[i] - p.targets[i];
    const double deviation = p.targets[i] - center;
    residual += error * error;
    total += deviation * deviation;
  }
  return 1 - residual / total;
}

}  // namespace

extern const Method r2 = {
    "r2",
    "Share of the targets' variance that the predictions explain; below 0 is worse than the mean.",
    "Wright 1921, Correlation and Causation",
    /*higher_is_better=*/true,
    is_regression,
    value};

}  // namespace braid::metrics
