// One number that makes a classifier's confidence honest.
#pragma once
#include <cstdint>
#include <vector>

#include "metrics/metric.h"

namespace braid::calibration {

/// The temperature T whose scores (softmax, or a sigmoid for each label, of outputs / T) have the
/// least log loss, summed over the rows, with b - log b added, b = 1 / T: as much as one row it
/// draws T to 1, so that rows without any error do not ask for endless confidence. T lies within
/// [0.01, 100].
///
/// Shapes   outputs (N, num_outputs) row-major; targets as metrics::Predictions has them.
/// Errors   shape: sizes disagree. config: regression, which has no temperature.
/// Cost     60 passes over the outputs: the loss is convex in 1 / T.
/// Source   Guo et al. 2017, arXiv:1706.04599. Differs: b - log b.
double fit_temperature(metrics::Task task, const std::vector<double>& outputs, int64_t num_outputs,
                       const std::vector<double>& targets);

}  // namespace braid::calibration
