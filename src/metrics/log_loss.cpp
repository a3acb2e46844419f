// Log loss: the mean of -log(probability given to the truth), in nats. Multilabel: over all labels
// of all rows.
#include <algorithm>
#include <cmath>

#include "metrics/checks.h"

namespace braid::metrics {

extern const Method log_loss;

namespace {

// Keeps one certain and wrong row from making the whole mean infinite.
constexpr double kClip = 1e-15;

double surprise(double probability) { return -std::log(std::clamp(probability, kClip, 1 - kClip)); }

double value(const Predictions& p) {
  if (!is_scorable(log_loss, p)) return kUndefined;
  double sum = 0;
  for (size_t i = 0; i < p.targets.size(); ++i) {
    if (p.task == Task::multilabel) {
      sum += surprise(p.targets[i] == 1 ? p.scores[i] : 1 - p.scores[i]);
    } else {
      sum += surprise(p.scores[i * size_t(p.num_outputs) + size_t(p.targets[i])]);
    }
  }
  return sum / static_cast<double>(p.targets.size());
}

}  // namespace

extern const Method log_loss = {"log_loss",
                                "Mean of -log of the probability given to the truth.",
                                "Good 1952, Rational Decisions",
                                /*higher_is_better=*/false,
                                is_classification,
                                value};

}  // namespace braid::metrics
