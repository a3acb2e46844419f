// Accuracy: the share of rows whose highest score is the target's.
#include "metrics/checks.h"

namespace braid::metrics {

extern const Method accuracy;

namespace {

double value(const Predictions& p) {
  if (!is_scorable(accuracy, p)) return kUndefined;
  int64_t num_correct = 0;
  for (int64_t row = 0; row < p.size(); ++row)
    num_correct += static_cast<double>(predicted_class(p, row)) == p.targets[size_t(row)];
  return static_cast<double>(num_correct) / static_cast<double>(p.size());
}

}  // namespace

extern const Method accuracy = {"accuracy",
                                "Share of samples whose most probable class is the right one.",
                                "",
                                /*higher_is_better=*/true,
                                is_single_label,
                                value};

}  // namespace braid::metrics
