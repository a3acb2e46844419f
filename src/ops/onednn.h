// Matrix products of float32 tensors on the CPU.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace braid::ops {

/// Writes a b + bias to `out`, or the exact gelu (erf) of it. Shapes   a (M, K), b (K,
/// N), bias (N) or undefined, out (M, N) contiguous; float32 on the CPU; a and b may be transposed
/// views. Cost     M * K * N multiply-adds; what oneDNN compiles for a shape is kept, per thread.
void matrix_multiply(const at::Tensor& a, const at::Tensor& b, const at::Tensor& bias, bool is_gelu,
                     at::Tensor* out);

/// "oneDNN 2.6.3", or "libtorch" where Braid was built without it.
std::string matrix_library();

}  // namespace braid::ops
