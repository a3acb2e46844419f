// The weighted average of the modalities' own outputs over the present ones: what late fusion
// combines by.
#pragma once
#include <ATen/core/Tensor.h>

#include "ops/kernels/kernels.h"

namespace braid::ops {

struct WeightedAverage {
  at::Tensor output;   // (B, O)
  at::Tensor weights;  // (B, M), sum to 1
};

/// output = f^-1(sum_m w_m f(outputs_m)), w = softmax(numbers) over the present modalities, over
/// all where none is. f is the identity (AverageOf::values), log softmax, whose mean is an output
/// already, softmax or sigmoid; their f^-1 are ln(p + 1e-12) and ln(p + 1e-12) - ln(1 - p + 1e-12).
///
/// Shapes   outputs (B, M, O), present (B, M) bool, numbers (M) or undefined: equal weights.
/// Missing  absent modalities do not count, whatever their outputs hold.
/// Cost     one pass over the outputs forward, one backward; what was averaged is kept.
/// Source   linear and logarithmic opinion pools: Genest and Zidek 1986,
///          doi:10.1214/ss/1177013825.
WeightedAverage weighted_average(const at::Tensor& outputs, const at::Tensor& present,
                                 const at::Tensor& numbers, AverageOf of);

/// The same out of libtorch's operators, on any device and dtype: the oracle of
/// weighted_average().
WeightedAverage weighted_average_reference(const at::Tensor& outputs, const at::Tensor& present,
                                           const at::Tensor& numbers, AverageOf of);

/// Which modalities count: the present ones, or all where none is. Shapes   (B, M) -> (B, M).
at::Tensor counted(const at::Tensor& present);

/// f over the last axis, and f^-1. Shapes   any.
at::Tensor to_averaged(const at::Tensor& outputs, AverageOf of);
at::Tensor from_averaged(const at::Tensor& mean, AverageOf of);

}  // namespace braid::ops
