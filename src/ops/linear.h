// A linear map with its bias and activation in one pass.
#pragma once
#include <ATen/core/Tensor.h>

namespace braid::ops {

enum class Activation { none, relu, gelu };

/// activation(x weight^T + bias).
///
/// Shapes   x (..., in), weight (out, in), bias (out) or undefined -> (..., out).
/// Cost     2 * in * out operations a row, four more times that backward; relu keeps its output
///          for the backward pass, gelu its input.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                  Activation activation = Activation::none);

/// The same out of libtorch's operators, on any device and dtype: the oracle of linear().
at::Tensor linear_reference(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                            Activation activation = Activation::none);

}  // namespace braid::ops
