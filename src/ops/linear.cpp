#include "ops/linear.h"

#include <torch/torch.h>

#include "core/error.h"
#include "ops/kernels.h"
#include "ops/onednn.h"
#include "ops/parallel.h"

namespace braid::ops {
namespace {

using at::Tensor;

// Elements below which a second thread costs more than it saves.
constexpr int64_t kGrain = 32768;

Tensor apply_gelu(const Tensor& x) {
  Tensor out = at::empty_like(x);
  const float* in = x.data_ptr<float>();
  float* to = out.data_ptr<float>();
  parallel(x.numel(), kGrain,
           [&](int64_t begin, int64_t end, int) { kernels()->gelu_forward(in, to, begin, end); });
  return out;
}

void apply_relu(Tensor* x) {
  float* in = x->data_ptr<float>();
  parallel(x->numel(), kGrain,
           [&](int64_t begin, int64_t end, int) { kernels()->relu_forward(in, begin, end); });
}

// Gradient before the activation, and of the bias: (rows, out), (out).
std::pair<Tensor, Tensor> activation_backward(const Tensor& grad_out, const Tensor& saved,
                                              Activation activation) {
  const int64_t rows = grad_out.size(0), width = grad_out.size(1);
  const int64_t grain = std::max<int64_t>(1, kGrain / width);
  // One partial sum per thread, added in their order: the bits depend on the number of threads
  // only.
  Tensor partial = at::zeros({num_shares(rows, grain), width}, grad_out.options());
  Tensor grad = activation == Activation::none ? grad_out : at::empty_like(grad_out);
  const float* from = grad_out.data_ptr<float>();
  const float* state = activation == Activation::none ? nullptr : saved.data_ptr<float>();
  float* to = grad.data_ptr<float>();
  float* sums = partial.data_ptr<float>();
  const Kernels& table = *kernels();
  parallel(rows, grain, [&](int64_t begin, int64_t end, int share) {
    float* sum = sums + share * width;
    if (activation == Activation::none)
      table.bias_backward(width, from, sum, begin, end);
    else if (activation == Activation::gelu)
      table.gelu_backward(width, state, from, to, sum, begin, end);
    else
      table.relu_backward(width, state, from, to, sum, begin, end);
  });
  return {grad, partial.size(0) == 1 ? partial[0] : partial.sum(/*dim=*/0)};
}

// x (rows, in) contiguous.
class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x,
                        const Tensor& weight, const c10::optional<Tensor>& bias,
                        int64_t activation) {
    const auto kind = static_cast<Activation>(activation);
    Tensor out = at::empty({x.size(0), weight.size(0)}, x.options());
    context->saved_data["needs_bias"] = bias.has_value() && bias->requires_grad();
    // gelu's derivative needs what went in, relu's is told by what came out.
    const bool is_gelu = kind == Activation::gelu;
    matrix_multiply(x, weight.t(), bias.value_or(Tensor()), /*is_gelu=*/false, &out);
    if (kind == Activation::relu) apply_relu(&out);
    context->saved_data["activation"] = activation;
    context->saved_data["needs_x"] = x.requires_grad();
    context->saved_data["needs_weight"] = weight.requires_grad();
    if (is_gelu) {
      context->save_for_backward({x, weight, out});
      return apply_gelu(out);
    }
    context->save_for_backward({x, weight, kind == Activation::relu ? out : Tensor()});
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    BRAID_ASSERT(!at::GradMode::is_enabled());  // kernels have first derivatives only
    const auto saved = context->get_saved_variables();
    const auto kind = static_cast<Activation>(context->saved_data["activation"].toInt());
    const Tensor &x = saved[0], &weight = saved[1];
    const auto [grad, grad_bias] = activation_backward(grads[0].contiguous(), saved[2], kind);
    Tensor grad_x, grad_weight;
    if (context->saved_data["needs_x"].toBool()) {
      grad_x = at::empty_like(x);
      matrix_multiply(grad, weight, {}, /*is_gelu=*/false, &grad_x);
    }
    if (context->saved_data["needs_weight"].toBool()) {
      grad_weight = at::empty_like(weight);
      matrix_multiply(grad.t(), x, {}, /*is_gelu=*/false, &grad_weight);
    }
    const bool needs_bias = context->saved_data["needs_bias"].toBool();
    return {grad_x, grad_weight, needs_bias ? grad_bias : Tensor(), Tensor()};
  }
};

// An autograd function takes no undefined tensors.
c10::optional<Tensor> optional(const Tensor& x) {
  return x.defined() ? c10::optional<Tensor>(x) : c10::nullopt;
}

bool needs_gradient(const Tensor& x) { return x.defined() && x.requires_grad(); }

}  // namespace

Tensor linear_reference(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        Activation activation) {
  const Tensor out = at::linear(x, weight, bias);
  if (activation == Activation::relu) return at::relu(out);
  return activation == Activation::gelu ? at::gelu(out) : out;
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation) {
  const bool is_fast = has_kernels_for(x) && has_kernels_for(weight) && x.dim() >= 1 &&
                       x.size(-1) == weight.size(1) && weight.is_contiguous();
  if (!is_fast) return linear_reference(x, weight, bias, activation);
  std::vector<int64_t> shape = x.sizes().vec();
  shape.back() = weight.size(0);
  const Tensor rows = x.reshape({-1, x.size(-1)}).contiguous();
  const Tensor row_bias = bias.defined() ? bias.contiguous() : bias;
  Tensor out;
  if (at::GradMode::is_enabled() &&
      (needs_gradient(x) || needs_gradient(weight) || needs_gradient(bias))) {
    out = LinearFunction::apply(rows, weight, optional(row_bias), static_cast<int64_t>(activation));
  } else {
    out = at::empty({rows.size(0), weight.size(0)}, rows.options());
    matrix_multiply(rows, weight.t(), row_bias, activation == Activation::gelu, &out);
    if (activation == Activation::relu) apply_relu(&out);
  }
  return out.view(shape);
}

}  // namespace braid::ops
