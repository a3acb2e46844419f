// Layer norm, alone or after a residual connection.
#pragma once
#include <ATen/core/Tensor.h>

#include <utility>

namespace braid::ops {

constexpr double kLayerNormEpsilon = 1e-5;  // PyTorch's

/// (x - mean) / sqrt(variance + epsilon) * weight + bias over the last axis.
/// Shapes   x (..., D), weight and bias (D) -> (..., D).   Source   Ba et al. 2016,
/// arXiv:1607.06450.
at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                      double epsilon = kLayerNormEpsilon);

/// The sum x + residual, and its layer norm, in one pass. Shapes   x and residual (..., D) -> two
/// of
/// (..., D).
std::pair<at::Tensor, at::Tensor> add_layer_norm(const at::Tensor& x, const at::Tensor& residual,
                                                 const at::Tensor& weight, const at::Tensor& bias,
                                                 double epsilon = kLayerNormEpsilon);

/// The same out of libtorch's operators, on any device and dtype: the oracle of both. An undefined
/// residual counts as zeros.
std::pair<at::Tensor, at::Tensor> add_layer_norm_reference(const at::Tensor& x,
                                                           const at::Tensor& residual,
                                                           const at::Tensor& weight,
                                                           const at::Tensor& bias,
                                                           double epsilon = kLayerNormEpsilon);

}  // namespace braid::ops
