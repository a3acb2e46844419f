#include "metrics/confusion.h"

#include "core/error.h"
#include "metrics/checks.h"

namespace braid::metrics {
namespace {

void check_no_nan(const char* where, const Predictions& p) {
  BRAID_CHECK(!has_nan(p.scores), numeric,
              "{}: scores: expected numbers, got NaN; check whether training diverged", where);
}

double ratio(int64_t part, int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

}  // namespace

std::vector<std::vector<int64_t>> confusion_matrix(const Predictions& predictions) {
  const Predictions& p = predictions;
  BRAID_CHECK(
      is_single_label(p.task), config,
      "confusion_matrix: task: expected binary or multiclass, got {}; use per-class results "
      "for labels, \"rmse\" for values",
      to_string(p.task));
  check("confusion_matrix", p);
  check_no_nan("confusion_matrix", p);
  const size_t num_classes = static_cast<size_t>(p.num_outputs);
  std::vector<std::vector<int64_t>> counts(num_classes, std::vector<int64_t>(num_classes));
  for (int64_t row = 0; row < p.size(); ++row) {
    const size_t target = static_cast<size_t>(p.targets[static_cast<size_t>(row)]);
    ++counts[target][static_cast<size_t>(predicted_class(p, row))];
  }
  return counts;
}

double ClassCounts::f1() const { return ratio(2 * num_correct, num_predicted + num_actual); }

std::vector<ClassCounts> class_counts(const Predictions& predictions) {
  const Predictions& p = predictions;
  BRAID_CHECK(is_classification(p.task), config,
              "per-class results: task: expected classes or labels, got {}; use \"rmse\"",
              to_string(p.task));
  check("per-class results", p);
  check_no_nan("per-class results", p);
  std::vector<ClassCounts> counts(static_cast<size_t>(p.num_outputs));
  for (int64_t row = 0; row < p.size(); ++row) {
    if (p.task == Task::multilabel) {
      for (int64_t label = 0; label < p.num_outputs; ++label) {
        const bool is_actual = p.targets[static_cast<size_t>(row * p.num_outputs + label)] == 1;
        const bool is_guess = is_predicted(p, row, label);
        ClassCounts& count = counts[static_cast<size_t>(label)];
        count.num_actual += is_actual;
        count.num_predicted += is_guess;
        count.num_correct += is_actual && is_guess;
      }
    } else {
      const size_t target = static_cast<size_t>(p.targets[static_cast<size_t>(row)]);
      const size_t guess = static_cast<size_t>(predicted_class(p, row));
      ++counts[target].num_actual;
      ++counts[guess].num_predicted;
      counts[target].num_correct += target == guess;
    }
  }
  return counts;
}

std::vector<ClassResult> per_class(const Predictions& predictions) {
  std::vector<ClassResult> results;
  for (const ClassCounts& count : class_counts(predictions)) {
    results.push_back({ratio(count.num_correct, count.num_predicted),
                       ratio(count.num_correct, count.num_actual), count.f1(), count.num_actual});
  }
  return results;
}

}  // namespace braid::metrics
