// The one place that knows libtorch versions: 1.13 (Debian 12) is the floor, 2.x builds too.
#pragma once
#include <ATen/core/Tensor.h>
#include <torch/version.h>

#include <string>

#define BRAID_TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) ||        \
   (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

namespace braid::ops {
inline std::string torch_version() { return TORCH_VERSION; }

/// libtorch's own attention, softmax(q k^T / sqrt(E)) v: fused on CUDA in 2.x; in 1.13 its private
/// forerunner, out of single operators.
/// Shapes   q (B, H, Tq, E), k and v (B, H, Tk, E), mask (B or 1, 1, 1 or Tq, Tk) bool, true where
///          a key counts -> (B, H, Tq, E). A row without any is NaN.
at::Tensor torch_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                           const at::Tensor& mask);
}  // namespace braid::ops
