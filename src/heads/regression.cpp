#include "heads/regression.h"

#include <torch/torch.h>

#include "heads/checks.h"

namespace braid::heads {

Regression::Regression(const char* name, const Context& context)
    : name_(name),
      mean_(context.target_mean),
      // A constant target has deviation 0; any scale will do for it.
      deviation_(context.target_deviation > 0 ? context.target_deviation : 1) {}

Tensor Regression::loss(const Tensor& output, const Tensor& target, const Tensor& weight) const {
  check_loss(name_, output, target, weight, num_outputs());
  // Standardised before the cast: a float32 target may be large beside its deviation.
  const Tensor standard = ((target.to(at::kDouble) - mean_) / deviation_).to(output.options());
  return weighted_mean(penalty(output.squeeze(1) - standard), weight.to(output.options()));
}

Tensor Regression::scores(const Tensor& output) const {
  check_output(name_, output, num_outputs());
  return output * deviation_ + mean_;
}

}  // namespace braid::heads
