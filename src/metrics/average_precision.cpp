// Average precision: the sum over thresholds of (recall gained) * (precision there), no
// interpolation, equal scores being one threshold; as scikit-learn.
#include <algorithm>

#include "metrics/checks.h"
#include "metrics/one_vs_rest.h"

namespace braid::metrics {

extern const Method average_precision;

namespace {

// Recall only moves at scores of positives, so these are the only thresholds that count.
double area(std::vector<double>& positives, std::vector<double>& negatives) {
  if (positives.empty()) return kUndefined;
  std::sort(positives.begin(), positives.end());
  // num_between[i]: negatives with exactly i positives at or below them.
  std::vector<int64_t> num_between(positives.size() + 1);
  for (double value : negatives) ++num_between[num_not_above(positives, value)];
  double sum = 0;
  int64_t num_negative = 0;
  for (size_t end = positives.size(); end > 0;) {
    size_t begin = end - 1;
    while (begin > 0 && positives[begin - 1] == positives[begin]) --begin;
    // The threshold is positives[begin]: it takes all positives from there on, and the negatives
    // not below it, which have at least `end` positives at or below them.
    num_negative += num_between[end];
    const double num_positive = static_cast<double>(positives.size() - begin);
    const double precision = num_positive / (num_positive + static_cast<double>(num_negative));
    sum += precision * static_cast<double>(end - begin);
    end = begin;
  }
  return sum / static_cast<double>(positives.size());
}

double value(const Predictions& p) {
  return is_scorable(average_precision, p) ? one_vs_rest(p, area) : kUndefined;
}

}  // namespace

extern const Method average_precision = {
    "average_precision",
    "Area under the precision-recall curve in steps; mean over classes or labels.",
    "Manning et al. 2008, Introduction to Information Retrieval, 8.4",
    /*higher_is_better=*/true,
    is_classification,
    value};

}  // namespace braid::metrics
