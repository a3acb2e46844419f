// Area under the ROC curve as the Mann-Whitney statistic: the chance that a positive row scores
// above a negative one, a tie counting half. Same value as mid-ranks, without sorting all rows.
#include <algorithm>

#include "metrics/checks.h"
#include "metrics/one_vs_rest.h"

namespace braid::metrics {

extern const Method auroc;

namespace {

// Sorts the smaller side only: with K classes the positives are about N / K rows.
double area(std::vector<double>& positives, std::vector<double>& negatives) {
  if (positives.empty() || negatives.empty()) return kUndefined;
  const bool is_positive_sorted = positives.size() < negatives.size();
  std::vector<double>& sorted = is_positive_sorted ? positives : negatives;
  const std::vector<double>& others = is_positive_sorted ? negatives : positives;
  std::sort(sorted.begin(), sorted.end());
  // Twice the number of pairs in which the value from `others` is the higher.
  uint64_t twice_above = 0;
  for (double value : others) {
    const size_t below = num_below(sorted, value);
    const bool is_tied = below < sorted.size() && sorted[below] == value;
    twice_above += below + (is_tied ? num_not_above(sorted, value) : below);
  }
  const double pairs =
      static_cast<double>(positives.size()) * static_cast<double>(negatives.size());
  const double above = 0.5 * static_cast<double>(twice_above) / pairs;
  return is_positive_sorted ? 1 - above : above;
}

double value(const Predictions& p) {
  return is_scorable(auroc, p) ? one_vs_rest(p, area) : kUndefined;
}

}  // namespace

extern const Method auroc = {
    "auroc",
    "Chance that a positive sample scores above a negative one; mean over classes or labels.",
    "Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747",
    /*higher_is_better=*/true,
    is_classification,
    value};

}  // namespace braid::metrics
