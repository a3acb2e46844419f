// Metrics of predictions, as JSON and as text.
#pragma once
#include <string>
#include <vector>

#include "core/json.h"
#include "metrics/metric.h"

namespace braid::tensor_verbs {

/// {"rows": N, "accuracy": {"mean": 0.9, "interval": [0.8, 0.95]}, ...}: every metric of the task
/// with its bootstrap interval, whole groups drawn where given.
Json measure(const metrics::Predictions& predictions, const std::vector<int64_t>& groups);

/// Lines "accuracy  0.900 [0.800, 0.950]" for each part ("validation", "test") that `measured`
/// holds.
std::string metrics_text(const Json& measured);

}  // namespace braid::tensor_verbs
