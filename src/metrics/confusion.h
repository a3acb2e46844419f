// Which classes a model mixes up, and how well it does on each.
#pragma once
#include <cstdint>
#include <vector>

#include "metrics/metric.h"

namespace braid::metrics {

/// Rows counted by [target][predicted], (K, K). Binary and multiclass.
///
/// Errors   config: another task. numeric: a NaN score. shape, data: as Method::value.
std::vector<std::vector<int64_t>> confusion_matrix(const Predictions& predictions);

/// What precision, recall and F1 of one class or label are made of.
struct ClassCounts {
  int64_t num_correct = 0;
  int64_t num_predicted = 0;
  int64_t num_actual = 0;
  /// 2 correct / (predicted + actual); 0 where there are neither.
  double f1() const;
};

/// (K) counts of each class, or of each label at threshold 0.5. All tasks but regression.
///
/// Errors   as confusion_matrix.
std::vector<ClassCounts> class_counts(const Predictions& predictions);

struct ClassResult {
  double precision, recall, f1;  // 0 where the denominator is 0
  int64_t support;               // rows of this class, or with this label
};

/// (K) results of each class or label. All tasks but regression.
///
/// Errors   as confusion_matrix.
std::vector<ClassResult> per_class(const Predictions& predictions);

}  // namespace braid::metrics
