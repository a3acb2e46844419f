// How far a model's confidence can be believed.
#pragma once
#include <cstdint>
#include <vector>

#include "metrics/metric.h"

namespace braid::metrics {

/// The rows whose highest probability lies in one bin.
struct ReliabilityBin {
  double confidence, accuracy;  // means over the bin's rows; 0 in an empty bin
  int64_t count;
};

/// Rows sorted into `num_bins` equal bins of confidence, ((i / num_bins), (i + 1) / num_bins], the
/// first with 0. Binary and multiclass.
///
/// Errors   config: another task, num_bins below 1. numeric: a NaN score. shape, data: as
///          Method::value.
/// Source   Guo et al. 2017, arXiv:1706.04599
std::vector<ReliabilityBin> reliability(const Predictions& predictions, int64_t num_bins = 15);

}  // namespace braid::metrics
