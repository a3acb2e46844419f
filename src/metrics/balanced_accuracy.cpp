// Balanced accuracy: recall averaged over the classes that occur, so that rare ones count alike.
#include "metrics/checks.h"
#include "metrics/confusion.h"

namespace braid::metrics {

extern const Method balanced_accuracy;

namespace {

double value(const Predictions& p) {
  if (!is_scorable(balanced_accuracy, p)) return kUndefined;
  double sum = 0;
  int64_t num_present = 0;
  for (const ClassResult& result : per_class(p)) {
    if (result.support == 0) continue;
    sum += result.recall;
    ++num_present;
  }
  return sum / static_cast<double>(num_present);
}

}  // namespace

extern const Method balanced_accuracy = {"balanced_accuracy",
                                         "Recall averaged over the classes present in the targets.",
                                         "Brodersen et al. 2010, doi:10.1109/ICPR.2010.764",
                                         /*higher_is_better=*/true,
                                         is_single_label,
                                         value};

}  // namespace braid::metrics
