// A linear map with its bias and activation in one pass.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

namespace braid::ops {

class PackedFactor;

enum class Activation { none, relu, gelu };

/// activation(x weight^T + bias).
///
/// Shapes   x (..., in), weight (out, in), bias (out) or undefined -> (..., out).
/// Cost     2 * in * out operations a row, four more times that backward; the backward pass needs
///          relu's output, or gelu's derivative, which is kept in its place.
/// In a bf16 PrecisionScope the factors are rounded, and x may be bfloat16; with `keeps_bf16` the
/// result is bfloat16 then, for a consumer that would round it anyway.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                  Activation activation = Activation::none, bool keeps_bf16 = false);

struct LinearWeights {
  at::Tensor weight, bias;  // (out, in); (out) or undefined
};

/// Several linear maps of one input: as linear() of each, but the gradients of x add up inside the
/// products. Shapes   x (..., in) -> one (..., out) for each map.
std::vector<at::Tensor> linears(const at::Tensor& x, const std::vector<LinearWeights>& maps,
                                bool keeps_bf16 = false);

/// A weight in the forms that inference reads fastest, each made when it is first needed and made
/// anew when the weight or the precision has changed. One per weight, and used by one thread at a
/// time.
class InferenceWeight {
 public:
  /// For many rows. Null where packing brings nothing. Shapes   weight (out, in).
  const PackedFactor* packed(const at::Tensor& weight);
  /// For a few rows: (out, in) in bfloat16. Undefined where changes cannot be noticed.
  const at::Tensor& halved(const at::Tensor& weight);

 private:
  // Forgets what was made of another weight, or of this one before it changed.
  void keep_up_with(const at::Tensor& weight);
  std::shared_ptr<const PackedFactor> packed_;
  at::Tensor halved_;
  const void* data_ = nullptr;
  int64_t version_ = -1;
};

/// linear() without gradients in c10::InferenceMode: the weight packed, activations fused.
/// Cost   a copy of the weight, once.
at::Tensor linear_inference(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                            Activation activation, bool keeps_bf16, InferenceWeight* forms);

/// linear() out of libtorch's operators, on any device and dtype: the oracle of linear().
at::Tensor linear_reference(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                            Activation activation = Activation::none);

}  // namespace braid::ops
