// Macro F1: classes count alike. A class in neither targets nor predictions is left out; a label is
// not, and scores 0 there, both as scikit-learn does.
#include "metrics/checks.h"
#include "metrics/confusion.h"

namespace braid::metrics {

extern const Method macro_f1;

namespace {

double value(const Predictions& p) {
  if (!is_scorable(macro_f1, p)) return kUndefined;
  double sum = 0;
  int64_t num_counted = 0;
  for (const ClassCounts& count : class_counts(p)) {
    const bool appears = count.num_actual + count.num_predicted > 0;
    if (!appears && p.task != Task::multilabel) continue;
    sum += count.f1();
    ++num_counted;
  }
  return sum / static_cast<double>(num_counted);
}

}  // namespace

extern const Method macro_f1 = {"macro_f1",
                                "F1 averaged over classes, or over labels at threshold 0.5.",
                                "van Rijsbergen 1979, Information Retrieval",
                                /*higher_is_better=*/true,
                                is_classification,
                                value};

}  // namespace braid::metrics
