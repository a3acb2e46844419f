#include "metrics/calibration.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "metrics/checks.h"

namespace braid::metrics {
namespace {

// Multiplying rounds (0.28 * 25 is above 7), so the edges themselves have the last word.
int64_t bin_of(double confidence, int64_t num_bins) {
  const double bins = static_cast<double>(num_bins);
  const double guess = std::ceil(std::clamp(confidence, 0.0, 1.0) * bins) - 1;
  int64_t bin = static_cast<int64_t>(std::max(guess, 0.0));
  if (bin > 0 && confidence <= static_cast<double>(bin) / bins) --bin;
  if (bin + 1 < num_bins && confidence > static_cast<double>(bin + 1) / bins) ++bin;
  return bin;
}

}  // namespace

std::vector<ReliabilityBin> reliability(const Predictions& predictions, int64_t num_bins) {
  const Predictions& p = predictions;
  BRAID_CHECK(is_single_label(p.task), config,
              "reliability: task: expected binary or multiclass, got {}; leave it out",
              to_string(p.task));
  BRAID_CHECK(num_bins >= 1, config, "reliability: num_bins: expected at least 1, got {}; use 15",
              num_bins);
  check("reliability", p);
  BRAID_CHECK(!has_nan(p.scores), numeric,
              "reliability: scores: expected numbers, got NaN; check whether training diverged");
  std::vector<ReliabilityBin> bins(static_cast<size_t>(num_bins), ReliabilityBin{0, 0, 0});
  for (int64_t row = 0; row < p.size(); ++row) {
    const int64_t guess = predicted_class(p, row);
    const double confidence = p.scores[static_cast<size_t>(row * p.num_outputs + guess)];
    ReliabilityBin& bin = bins[static_cast<size_t>(bin_of(confidence, num_bins))];
    bin.confidence += confidence;
    bin.accuracy += p.targets[static_cast<size_t>(row)] == static_cast<double>(guess);
    ++bin.count;
  }
  for (ReliabilityBin& bin : bins) {
    if (bin.count == 0) continue;
    bin.confidence /= static_cast<double>(bin.count);
    bin.accuracy /= static_cast<double>(bin.count);
  }
  return bins;
}

}  // namespace braid::metrics
