#include "ops/weighted_average.h"

#include <torch/torch.h>

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "ops/kernels.h"
#include "ops/parallel.h"

namespace braid::ops {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

AverageSizes sizes_of(const Tensor& outputs, AverageOf of) {
  return {of, outputs.size(1), outputs.size(2)};
}

int64_t grain_of(const Tensor& outputs) {
  return std::max<int64_t>(1, kElementGrain / (outputs.size(1) * outputs.size(2)));
}

struct Averaged {
  Tensor output, weights, values;  // values (B, M, O): what was averaged
};

Averaged run(const Tensor& outputs, const Tensor& present, const Tensor& numbers, AverageOf of) {
  Averaged made{at::empty({outputs.size(0), outputs.size(2)}, outputs.options()),
                at::empty({outputs.size(0), outputs.size(1)}, outputs.options()),
                at::empty(outputs.sizes(), outputs.options())};
  const float* of_modality = numbers.defined() ? numbers.data_ptr<float>() : nullptr;
  parallel(outputs.size(0), grain_of(outputs), [&](int64_t begin, int64_t end, int) {
    kernels()->weighted_average_forward(
        sizes_of(outputs, of), outputs.data_ptr<float>(), present.data_ptr<bool>(), of_modality,
        made.values.data_ptr<float>(), made.weights.data_ptr<float>(),
        made.output.data_ptr<float>(), begin, end);
  });
  return made;
}

// The gradient of the numbers behind a softmax, rows in their order: (M).
Tensor numbers_gradient(const Tensor& weights, const Tensor& grad_weights) {
  const int64_t M = weights.size(1);
  Tensor grad = at::zeros({M}, weights.options());
  float* to = grad.data_ptr<float>();
  for (int64_t b = 0; b < weights.size(0); ++b) {
    const float* w = weights.data_ptr<float>() + b * M;
    const float* g = grad_weights.data_ptr<float>() + b * M;
    float mean = 0;
    for (int64_t m = 0; m < M; ++m) mean += w[m] * g[m];
    for (int64_t m = 0; m < M; ++m) to[m] += w[m] * (g[m] - mean);
  }
  return grad;
}

// Outputs (output, weights).
class WeightedAverageFunction : public torch::autograd::Function<WeightedAverageFunction> {
 public:
  static variable_list forward(AutogradContext* context, const Tensor& outputs,
                               const Tensor& present, const c10::optional<Tensor>& numbers,
                               AverageOf of) {
    const Averaged made = run(outputs, present, numbers.value_or(Tensor()), of);
    context->save_for_backward({made.values, made.weights});
    context->saved_data["of"] = static_cast<int64_t>(of);
    context->saved_data["needs_numbers"] = numbers.has_value() && numbers->requires_grad();
    context->set_materialize_grads(false);  // weights that nobody uses have none to add
    if (!numbers.has_value()) context->mark_non_differentiable({made.weights});
    return {made.output, made.weights};
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    BRAID_ASSERT(!at::GradMode::is_enabled());  // kernels have first derivatives only
    const auto saved = context->get_saved_variables();
    const Tensor &values = saved[0], &weights = saved[1];
    const auto of = static_cast<AverageOf>(context->saved_data["of"].toInt());
    const Tensor grad_out = grads[0].defined()
                                ? grads[0].contiguous()
                                : at::zeros({values.size(0), values.size(2)}, values.options());
    Tensor grad_outputs = at::empty(values.sizes(), values.options());
    Tensor grad_weights = at::empty(weights.sizes(), weights.options());
    parallel(values.size(0), grain_of(values), [&](int64_t begin, int64_t end, int) {
      kernels()->weighted_average_backward(sizes_of(values, of), values.data_ptr<float>(),
                                           weights.data_ptr<float>(), grad_out.data_ptr<float>(),
                                           grad_outputs.data_ptr<float>(),
                                           grad_weights.data_ptr<float>(), begin, end);
    });
    if (!context->saved_data["needs_numbers"].toBool())
      return {grad_outputs, Tensor(), Tensor(), Tensor()};
    if (grads[1].defined()) grad_weights += grads[1];
    return {grad_outputs, Tensor(), numbers_gradient(weights, grad_weights), Tensor()};
  }
};

bool is_fast(const Tensor& outputs, const Tensor& present, const Tensor& numbers) {
  return has_kernels_for(outputs) && outputs.dim() == 3 && present.device().is_cpu() &&
         present.sizes() == outputs.sizes().slice(0, 2) &&
         (!numbers.defined() || (has_kernels_for(numbers) && numbers.is_contiguous()));
}

}  // namespace

Tensor counted(const Tensor& present) {
  return present.logical_or(present.any(/*dim=*/1, /*keepdim=*/true).logical_not());
}

Tensor to_averaged(const Tensor& outputs, AverageOf of) {
  if (of == AverageOf::log_softmax) return outputs.log_softmax(/*dim=*/-1);
  if (of == AverageOf::softmax) return outputs.softmax(/*dim=*/-1);
  return of == AverageOf::sigmoid ? outputs.sigmoid() : outputs;
}

Tensor from_averaged(const Tensor& mean, AverageOf of) {
  if (of == AverageOf::softmax) return (mean + kLeastProbability).log();
  if (of != AverageOf::sigmoid) return mean;
  return (mean + kLeastProbability).log() - (1.0 - mean + kLeastProbability).log();
}

WeightedAverage weighted_average_reference(const Tensor& outputs, const Tensor& present,
                                           const Tensor& numbers, AverageOf of) {
  const Tensor counts = counted(present), drop = counts.logical_not();  // [B, M]
  const Tensor ones = counts.to(outputs.scalar_type());
  const Tensor weights = numbers.defined()
                             ? numbers.unsqueeze(0)
                                   .expand(present.sizes())
                                   .masked_fill(drop, -std::numeric_limits<double>::infinity())
                                   .softmax(/*dim=*/1)
                             : ones / ones.sum(/*dim=*/1, /*keepdim=*/true);         // [B, M]
  const Tensor values = to_averaged(outputs.masked_fill(drop.unsqueeze(2), 0), of);  // [B, M, O]
  const Tensor mean = (values * weights.unsqueeze(2)).sum(/*dim=*/1);                // [B, O]
  return {from_averaged(mean, of), weights};
}

WeightedAverage weighted_average(const Tensor& outputs, const Tensor& present,
                                 const Tensor& numbers, AverageOf of) {
  if (!is_fast(outputs, present, numbers))
    return weighted_average_reference(outputs, present, numbers, of);
  const bool has_numbers = numbers.defined();
  if (at::GradMode::is_enabled() &&
      (outputs.requires_grad() || (has_numbers && numbers.requires_grad()))) {
    const auto both = WeightedAverageFunction::apply(
        outputs.contiguous(), present.contiguous(),
        has_numbers ? c10::optional<Tensor>(numbers) : c10::nullopt, of);
    return {both[0], both[1]};
  }
  const Averaged made = run(outputs.contiguous(), present.contiguous(), numbers, of);
  return {made.output, made.weights};
}

}  // namespace braid::ops
