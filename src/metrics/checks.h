// What every metric asks of its input before it computes, and the tasks metrics come for.
#pragma once
#include <limits>

#include "metrics/metric.h"

namespace braid::metrics {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

/// Ready-made values of Method::applies.
bool is_single_label(Task task);    // binary, multiclass
bool is_classification(Task task);  // those and multilabel
bool is_regression(Task task);

/// Errors   shape: num_outputs does not fit the task, or scores and targets disagree on N.
void check_shape(const char* where, const Predictions& predictions);

/// check_shape, then the targets.
///
/// Errors   shape; data: a target that is no class, no 0 or 1, or not finite.
void check(const char* where, const Predictions& predictions);

bool has_nan(const std::vector<double>& values);

/// Whether there is anything to compute: false for no rows and for a NaN score, as a diverged
/// model gives. Every Method::value begins with it.
///
/// Errors   config: the metric does not apply to the task. Those of check.
bool is_scorable(const Method& metric, const Predictions& predictions);

}  // namespace braid::metrics
