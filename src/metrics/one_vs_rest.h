// Metrics of one score column against yes and no, taken to several classes or labels.
#pragma once
#include <cstddef>
#include <vector>

#include "metrics/metric.h"

namespace braid::metrics {

/// A metric of the scores of the positive and of the negative rows, in any order. It may reorder
/// them; NaN where it is undefined.
using RankMetric = double (*)(std::vector<double>& positives, std::vector<double>& negatives);

/// Binary: the metric of class 1. Multiclass: the mean over classes, each against the rest.
/// Multilabel: the mean over labels. Classes where the metric is NaN are left out of the mean; NaN
/// where nothing is left.
double one_vs_rest(const Predictions& predictions, RankMetric metric);

/// How many of `sorted` are below `value` (of those up to and including it: `not_above`).
///
/// Cost     log N, written to need no branch on the data: a resampled AUROC is made of these.
size_t num_below(const std::vector<double>& sorted, double value);
size_t num_not_above(const std::vector<double>& sorted, double value);

}  // namespace braid::metrics
