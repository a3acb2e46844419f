// Matrix products of float32 tensors on the CPU.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace braid::ops {

/// What becomes of a product.
struct ProductOptions {
  bool is_gelu = false;   // the exact gelu (erf) of it
  bool is_added = false;  // to what stands in the output
};

/// Writes a b + bias to `out`. Shapes   a (M, K), b (K, N), bias (N) or undefined, out (M, N)
/// contiguous; on the CPU; a and b both float32 or both bfloat16, and may be transposed views; bias
/// float32, out float32 or bfloat16. Cost     M * K * N multiply-adds; what oneDNN compiles for a
/// shape is kept, per thread.
void matrix_multiply(const at::Tensor& a, const at::Tensor& b, const at::Tensor& bias,
                     const ProductOptions& options, at::Tensor* out);

/// A right factor copied once into the layout, and the format, that its products read fastest.
class PackedFactor {
 public:
  /// Shapes   b (K, N) float32 on the CPU, perhaps a transposed view. Cost   a copy.
  PackedFactor(const at::Tensor& b, at::ScalarType type);
  at::ScalarType type() const { return type_; }

 private:
  friend void matrix_multiply(const at::Tensor&, const PackedFactor&, const at::Tensor&,
                              const ProductOptions&, at::Tensor*);
  int64_t depth_, width_;
  at::ScalarType type_;
  at::Tensor values_;  // what oneDNN makes of it; without oneDNN (K, N)
};

/// matrix_multiply() with b packed, in b's format.
void matrix_multiply(const at::Tensor& a, const PackedFactor& b, const at::Tensor& bias,
                     const ProductOptions& options, at::Tensor* out);

/// "oneDNN 2.6.3", or "libtorch" where Braid was built without it.
std::string matrix_library();

}  // namespace braid::ops
