#include "metrics/checks.h"

#include <cmath>

#include "core/error.h"

namespace braid::metrics {

bool is_single_label(Task task) { return task == Task::binary || task == Task::multiclass; }
bool is_classification(Task task) { return task != Task::regression; }
bool is_regression(Task task) { return task == Task::regression; }

void check_shape(const char* where, const Predictions& predictions) {
  const Predictions& p = predictions;
  const int64_t num_scores = static_cast<int64_t>(p.scores.size());
  const int64_t num_targets = static_cast<int64_t>(p.targets.size());
  if (num_scores == 0 && num_targets == 0 && p.num_outputs == 0) return;
  const bool is_fixed = p.task == Task::binary || p.task == Task::regression;
  const int64_t least = p.task == Task::binary ? 2 : 1;
  BRAID_CHECK(is_fixed ? p.num_outputs == least : p.num_outputs >= least, shape,
              "{}: num_outputs of task {}: expected {}{}, got {}; give one column per output",
              where, to_string(p.task), is_fixed ? "" : "at least ", least, p.num_outputs);
  BRAID_CHECK(num_scores % p.num_outputs == 0, shape,
              "{}: scores: expected [N, {}], got {} values; give one row per sample", where,
              p.num_outputs, num_scores);
  const int64_t expected = p.task == Task::multilabel ? num_scores : num_scores / p.num_outputs;
  BRAID_CHECK(
      num_targets == expected, shape,
      "{}: targets: expected {} values as the scores say, got {}; give both for each sample", where,
      expected, num_targets);
}

void check(const char* where, const Predictions& predictions) {
  const Predictions& p = predictions;
  check_shape(where, p);
  const double bound = p.task == Task::multilabel ? 2.0 : static_cast<double>(p.num_outputs);
  for (size_t i = 0; i < p.targets.size(); ++i) {
    const double target = p.targets[i];
    if (p.task == Task::regression) {
      BRAID_CHECK(std::isfinite(target), data,
                  "{}: target {}: expected a finite number, got {}; leave the sample out", where, i,
                  target);
    } else {
      // Written so that NaN fails it.
      BRAID_CHECK(target >= 0 && target < bound && target == std::floor(target), data,
                  "{}: target {}: expected a whole number from 0 to {}, got {}; check the label",
                  where, i, bound - 1, target);
    }
  }
}

bool has_nan(const std::vector<double>& values) {
  // Summing flags, not returning early: the common case has none and is then vectorised.
  int64_t num_nan = 0;
  for (double value : values) num_nan += value != value;
  return num_nan > 0;
}

bool is_scorable(const Method& metric, const Predictions& predictions) {
  BRAID_CHECK(metric.applies(predictions.task), config,
              "metric {}: task: expected one it applies to, got {}; use \"{}\"", metric.name,
              to_string(predictions.task), default_metric(predictions.task).name);
  check(metric.name, predictions);
  return predictions.size() > 0 && !has_nan(predictions.scores);
}

}  // namespace braid::metrics
