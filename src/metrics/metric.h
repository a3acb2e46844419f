// What a metric is, and the family's table.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace braid::metrics {

enum class Task { binary, multiclass, multilabel, regression };
const char* to_string(Task task);
/// Errors: config, with the nearest known name.
Task parse_task(const std::string& name);

/// What a model said about N samples, and the truth. Row-major.
struct Predictions {
  Task task = Task::multiclass;
  /// binary: 2, multiclass: K, multilabel: number of labels, regression: 1
  int64_t num_outputs = 0;
  /// (N, num_outputs): probabilities (binary, multiclass: rows sum to 1; multilabel: each in
  /// [0, 1]); regression: values
  std::vector<double> scores;
  /// binary, multiclass: (N) class index; multilabel: (N, num_outputs) of 0/1; regression: (N)
  std::vector<double> targets;
  int64_t size() const;
};

/// The rows `indices` (repeats allowed) of `all`.
///
/// Errors   shape: `all` does not hold together, or an index lies outside it.
Predictions select(const Predictions& all, const std::vector<int64_t>& indices);

/// The class of the highest score in `row`; of equal scores the lower index. Binary, multiclass.
int64_t predicted_class(const Predictions& predictions, int64_t row);

/// Whether `label` is predicted for `row`: its score is at least 0.5. Multilabel.
bool is_predicted(const Predictions& predictions, int64_t row, int64_t label);

struct Method {
  const char* name;     // "balanced_accuracy"
  const char* summary;  // one sentence
  const char* source;   // paper or book, or ""
  bool higher_is_better;
  bool (*applies)(Task task);
  /// NaN where it is undefined for these rows (AUROC with one class present, no rows, a NaN score),
  /// never a throw for that.
  ///
  /// Errors   config: the metric does not apply to the task. shape: sizes disagree.
  ///          data: a target that is no class of the task, no 0 or 1, or not finite.
  double (*value)(const Predictions& predictions);
};

const std::vector<const Method*>& methods();
/// Errors: config, with the nearest known name.
const Method& find(const std::string& name);
/// Metrics that apply to the task, in table order; the first is the task's default: accuracy for
/// multiclass and binary, macro F1 for multilabel, RMSE for regression.
std::vector<const Method*> methods_for(Task task);
const Method& default_metric(Task task);
/// The metric of that name; the task's default for "auto" and "". Errors: config, opened by
/// `where`, for an unknown name (with the nearest) or a metric that does not fit the task.
const Method& choose(const std::string& where, const std::string& name, Task task);

}  // namespace braid::metrics
