// What stands around the products of linear maps: activations, sums for biases, rounding.
#pragma once
#include <ATen/core/Tensor.h>

#include <utility>

#include "ops/linear.h"

namespace braid::ops {

/// Whether it is bfloat16.
bool is_half(const at::Tensor& x);

/// A bfloat16 tensor for the kernels, which see its bits.
uint16_t* bits(const at::Tensor& x);

/// x in bfloat16; itself where it is that already.
at::Tensor rounded(const at::Tensor& x);

/// x Phi(x), out of libtorch's operators, on any device and dtype. libtorch 1.13's own gelu reads
/// a gradient that is not contiguous (as a transposition or a convolution hands on) as if it were;
/// where gradients are kept the same is computed by erf.
at::Tensor gelu(const at::Tensor& x);

/// x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))), the same way.
at::Tensor gelu_tanh(const at::Tensor& x);

/// relu in place; NaN stays NaN.
void apply_relu(at::Tensor* x);

/// gelu(x), and in place of x its derivative. Shapes   any, float32.
at::Tensor apply_gelu(at::Tensor* x);

/// gelu of the float32 sums, and its derivative, both bfloat16. Shapes   any, all three the same.
void apply_gelu_bf16(const at::Tensor& sums, at::Tensor* out, at::Tensor* derivative);

/// Gradient before the activation, in bfloat16 where `is_bf16`, and the bias' gradient (undefined
/// where it is not needed and costs a pass of its own). `saved`: relu's output or gelu's
/// derivative. Shapes   grad_out (rows, out), saved (rows, out) -> (rows, out), (out).
std::pair<at::Tensor, at::Tensor> activation_backward(const at::Tensor& grad_out,
                                                      const at::Tensor& saved,
                                                      Activation activation, bool is_bf16,
                                                      bool needs_bias);

}  // namespace braid::ops
