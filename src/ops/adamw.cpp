#include "ops/adamw.h"

#include <torch/torch.h>

#include <cmath>

#include "ops/kernels.h"
#include "ops/parallel.h"

namespace braid::ops {
namespace {

double correction(double beta, int64_t steps) {
  return 1.0 - std::pow(beta, static_cast<double>(steps));
}

}  // namespace

void adamw_reference(const AdamWRates& rates, const at::Tensor& gradient, at::Tensor* parameter,
                     at::Tensor* m, at::Tensor* v) {
  torch::NoGradGuard no_grad;
  if (rates.weight_decay > 0) parameter->mul_(1.0 - rates.lr * rates.weight_decay);
  m->mul_(rates.beta1).add_(gradient, 1.0 - rates.beta1);
  v->mul_(rates.beta2).addcmul_(gradient, gradient, 1.0 - rates.beta2);
  const at::Tensor denominator =
      v->sqrt().div_(std::sqrt(correction(rates.beta2, rates.steps))).add_(rates.epsilon);
  parameter->addcdiv_(*m, denominator, -rates.lr / correction(rates.beta1, rates.steps));
}

void adamw(const AdamWRates& rates, const at::Tensor& gradient, at::Tensor* parameter,
           at::Tensor* m, at::Tensor* v) {
  if (!has_kernels_for(*parameter) || !has_kernels_for(gradient) || !parameter->is_contiguous() ||
      !m->is_contiguous() || !v->is_contiguous())
    return adamw_reference(rates, gradient, parameter, m, v);
  AdamWStep step;
  step.beta1 = static_cast<float>(rates.beta1);
  step.new1 = static_cast<float>(1.0 - rates.beta1);
  step.beta2 = static_cast<float>(rates.beta2);
  step.new2 = static_cast<float>(1.0 - rates.beta2);
  step.rate = static_cast<float>(rates.lr / correction(rates.beta1, rates.steps));
  step.inverse_root = static_cast<float>(1.0 / std::sqrt(correction(rates.beta2, rates.steps)));
  step.epsilon = static_cast<float>(rates.epsilon);
  step.decay = static_cast<float>(1.0 - rates.lr * rates.weight_decay);
  const at::Tensor g = gradient.contiguous();
  parallel(parameter->numel(), kElementGrain, [&](int64_t begin, int64_t end, int) {
    kernels()->adamw(step, parameter->data_ptr<float>(), g.data_ptr<float>(), m->data_ptr<float>(),
                     v->data_ptr<float>(), begin, end);
  });
  // Written past libtorch: whoever keeps something made from the parameter has to hear of it.
  parameter->unsafeGetTensorImpl()->bump_version();
}

}  // namespace braid::ops
