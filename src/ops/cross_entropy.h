// Softmax cross-entropy over exclusive classes, with weights and label smoothing, in one pass.
#pragma once
#include <ATen/core/Tensor.h>

namespace braid::ops {

/// With p = softmax(logits), class y and smoothing s, the sum over rows of
/// r [-(1 - s) c_y log p_y - s / K sum_k c_k log p_k], over the sum of r c_y (at least 1e-30).
///
/// Shapes   logits (B, K), classes (B) int64 in [0, K), row_weight r (B), class_weight c (K), both
///          of the logits' type -> scalar. Gradients of the logits alone.
/// Errors   internal: a class that is none.
/// Cost     one pass over the logits; the gradient is made beside the loss and kept.
/// Source   Szegedy et al. 2016, arXiv:1512.00567 (label smoothing).
at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& classes,
                         const at::Tensor& row_weight, const at::Tensor& class_weight,
                         double smoothing);

/// The same out of libtorch's operators, on any device and dtype: the oracle of cross_entropy().
at::Tensor cross_entropy_reference(const at::Tensor& logits, const at::Tensor& classes,
                                   const at::Tensor& row_weight, const at::Tensor& class_weight,
                                   double smoothing);

}  // namespace braid::ops
