// Weighted F1: each class or label counts as often as it occurs in the targets.
#include "metrics/checks.h"
#include "metrics/confusion.h"

namespace braid::metrics {

extern const Method weighted_f1;

namespace {

double value(const Predictions& p) {
  if (!is_scorable(weighted_f1, p)) return kUndefined;
  double sum = 0;
  int64_t num_actual = 0;
  for (const ClassCounts& count : class_counts(p)) {
    sum += count.f1() * static_cast<double>(count.num_actual);
    num_actual += count.num_actual;
  }
  // No label set anywhere leaves nothing to weight by.
  return num_actual > 0 ? sum / static_cast<double>(num_actual) : kUndefined;
}

}  // namespace

extern const Method weighted_f1 = {
    "weighted_f1",
    "F1 averaged over classes or labels, weighted by how often each occurs.",
    "van Rijsbergen 1979, Information Retrieval",
    /*higher_is_better=*/true,
    is_classification,
    value};

}  // namespace braid::metrics
