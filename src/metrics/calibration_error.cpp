// Expected calibration error over 15 equal bins of the highest probability.
#include <cmath>

#include "metrics/calibration.h"
#include "metrics/checks.h"

namespace braid::metrics {

extern const Method calibration_error;

namespace {

double value(const Predictions& p) {
  if (!is_scorable(calibration_error, p)) return kUndefined;
  double sum = 0;
  for (const ReliabilityBin& bin : reliability(p))
    sum += static_cast<double>(bin.count) * std::abs(bin.accuracy - bin.confidence);
  return sum / static_cast<double>(p.size());
}

}  // namespace

extern const Method calibration_error = {
    "calibration_error",
    "Gap between confidence and accuracy, averaged over 15 bins of confidence.",
    "Guo et al. 2017, arXiv:1706.04599",
    /*higher_is_better=*/false,
    is_single_label,
    value};

}  // namespace braid::metrics
