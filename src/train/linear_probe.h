// How much of a target a linear classifier reads from vectors that are left as they are.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace braid::train {

struct ProbeRows {
  at::Tensor vectors;            // (N, E)
  std::vector<int64_t> classes;  // (N) from 0
};

struct ProbeResult {
  at::Tensor scores;  // (N, K) double: the chance of each class for the rows asked for
  double decay = 0;   // that the validation rows chose
};

/// Multinomial logistic regression by L-BFGS on the training rows, with a decay of the weights
/// that the validation rows choose among powers of ten (the larger of two that are as good; the
/// middle one where there are no such rows).
///
/// Shapes   `rows` (N, E) -> scores (N, num_classes).
/// Errors   shape: no training rows, or widths that differ.
/// Cost     five fits of at most 200 passes over the training rows.
/// Source   as linear probes in Radford et al. 2021, arXiv:2103.00020.
ProbeResult linear_probe(const ProbeRows& train, const ProbeRows& validation,
                         const at::Tensor& rows, int64_t num_classes);

}  // namespace braid::train
