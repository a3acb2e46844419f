#include <cmath>

#include "core/error.h"
#include "layers/layers.h"
#include "ops/activation.h"

namespace braid::layers {

void LinearImpl::adapt(int64_t rank, double alpha) {
  BRAID_ASSERT(!is_adapted() && rank > 0);
  const double bound = 1 / std::sqrt(static_cast<double>(weight.size(1)));
  lora_down_ = register_parameter(
      "lora_down", bound * (2 * at::rand({rank, weight.size(1)}, weight.options()) - 1).detach());
  lora_up_ = register_parameter("lora_up", at::zeros({weight.size(0), rank}, weight.options()));
  lora_scale_ = alpha / static_cast<double>(rank);
  weight.set_requires_grad(false);
  if (bias.defined()) bias.set_requires_grad(false);
}

void LinearImpl::merge() {
  if (!is_adapted()) return;
  const torch::NoGradGuard no_grad;
  weight.add_(at::mm(lora_up_, lora_down_), lora_scale_);
  parameters_.erase("lora_down");
  parameters_.erase("lora_up");
  lora_up_ = lora_down_ = Tensor();
  weight.set_requires_grad(true);
  if (bias.defined()) bias.set_requires_grad(true);
}

Tensor LinearImpl::adapted(const Tensor& x, ops::Activation activation) {
  const Tensor added = ops::linear(ops::linear(x, lora_down_, {}), lora_up_, {});
  const Tensor sum = ops::linear(x, weight, bias) + lora_scale_ * added;
  if (activation == ops::Activation::relu) return at::relu(sum);
  return activation == ops::Activation::gelu ? ops::gelu(sum) : sum;
}

}  // namespace braid::layers
