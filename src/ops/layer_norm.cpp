#include "ops/layer_norm.h"

#include <torch/torch.h>

#include "core/error.h"
#include "ops/kernels.h"
#include "ops/parallel.h"

namespace braid::ops {
namespace {

using at::Tensor;

const float* data_or_null(const Tensor& x) { return x.defined() ? x.data_ptr<float>() : nullptr; }

struct Normed {
  Tensor sum, out, mean, rstd;
};

Normed run(const Tensor& x, const Tensor& residual, const Tensor& weight, const Tensor& bias,
           double epsilon) {
  const int64_t width = x.size(-1), rows = x.numel() / width;
  Normed made{residual.defined() ? at::empty_like(x) : x, at::empty_like(x),
              at::empty({rows}, x.options()), at::empty({rows}, x.options())};
  float* sum = residual.defined() ? made.sum.data_ptr<float>() : nullptr;
  parallel(rows, std::max<int64_t>(1, kElementGrain / width), [&](int64_t begin, int64_t end, int) {
    kernels()->layer_norm_forward(
        width, static_cast<float>(epsilon), x.data_ptr<float>(), data_or_null(residual),
        weight.data_ptr<float>(), bias.data_ptr<float>(), sum, made.out.data_ptr<float>(),
        made.mean.data_ptr<float>(), made.rstd.data_ptr<float>(), begin, end);
  });
  return made;
}

// Outputs (normed) or, with a residual, (sum, normed).
class LayerNormFunction : public torch::autograd::Function<LayerNormFunction> {
 public:
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                const Tensor& x, const c10::optional<Tensor>& other,
                                                const Tensor& weight, const Tensor& bias,
                                                double epsilon) {
    const Tensor residual = other.value_or(Tensor());
    const Normed made = run(x, residual, weight, bias, epsilon);
    context->save_for_backward({made.sum, weight, made.mean, made.rstd});
    context->saved_data["has_residual"] = residual.defined();
    context->set_materialize_grads(false);  // a sum that nobody uses has no gradient to add
    if (residual.defined()) return {made.sum, made.out};
    return {made.out};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    BRAID_ASSERT(!at::GradMode::is_enabled());  // kernels have first derivatives only
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &mean = saved[2], &rstd = saved[3];
    const bool has_residual = context->saved_data["has_residual"].toBool();
    const Tensor grad_sum = has_residual && grads[0].defined() ? grads[0].contiguous() : Tensor();
    if (!grads.back().defined()) return {grad_sum, grad_sum, Tensor(), Tensor(), Tensor()};
    const Tensor grad_out = grads.back().contiguous();
    const int64_t width = x.size(-1), rows = x.numel() / width;
    const int64_t grain = std::max<int64_t>(1, kElementGrain / width);
    // Partial sums of each thread for the weight and the bias.
    Tensor partial = at::zeros({num_shares(rows, grain), 2, width}, x.options());
    Tensor grad_x = at::empty_like(x);
    parallel(rows, grain, [&](int64_t begin, int64_t end, int share) {
      float* sums = partial.data_ptr<float>() + share * 2 * width;
      kernels()->layer_norm_backward(width, x.data_ptr<float>(), weight.data_ptr<float>(),
                                     mean.data_ptr<float>(), rstd.data_ptr<float>(),
                                     grad_out.data_ptr<float>(), data_or_null(grad_sum),
                                     grad_x.data_ptr<float>(), sums, sums + width, begin, end);
    });
    const Tensor total = partial.sum(/*dim=*/0);  // [2, D]
    return {grad_x, has_residual ? grad_x : Tensor(), total[0], total[1], Tensor()};
  }
};

bool needs_gradient(const Tensor& x) { return x.defined() && x.requires_grad(); }

bool is_fast(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return has_kernels_for(x) && has_kernels_for(weight) && has_kernels_for(bias);
}

torch::autograd::variable_list normed(const Tensor& x, const Tensor& residual, const Tensor& weight,
                                      const Tensor& bias, double epsilon) {
  if (at::GradMode::is_enabled() && (needs_gradient(x) || needs_gradient(residual) ||
                                     needs_gradient(weight) || needs_gradient(bias)))
    return LayerNormFunction::apply(
        x, residual.defined() ? c10::optional<Tensor>(residual) : c10::nullopt, weight, bias,
        epsilon);
  const Normed made = run(x, residual, weight, bias, epsilon);
  return {made.sum, made.out};
}

}  // namespace

std::pair<Tensor, Tensor> add_layer_norm_reference(const Tensor& x, const Tensor& residual,
                                                   const Tensor& weight, const Tensor& bias,
                                                   double epsilon) {
  const Tensor sum = residual.defined() ? x + residual : x;
  return {sum, at::layer_norm(sum, {x.size(-1)}, weight, bias, epsilon)};
}

Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double epsilon) {
  if (!is_fast(x, weight, bias))
    return add_layer_norm_reference(x, {}, weight, bias, epsilon).second;
  return normed(x.contiguous(), Tensor(), weight, bias, epsilon).back();
}

std::pair<Tensor, Tensor> add_layer_norm(const Tensor& x, const Tensor& residual,
                                         const Tensor& weight, const Tensor& bias, double epsilon) {
  if (!is_fast(x, weight, bias) || residual.sizes() != x.sizes())
    return add_layer_norm_reference(x, residual, weight, bias, epsilon);
  const auto both = normed(x.contiguous(), residual.contiguous(), weight, bias, epsilon);
  return {both.front(), both.back()};
}

}  // namespace braid::ops
