#include "ops/linear.h"

#include <torch/torch.h>

#include "core/error.h"
#include "ops/kernels.h"
#include "ops/onednn.h"
#include "ops/parallel.h"
#include "ops/precision.h"

namespace braid::ops {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Elements below which a second thread costs more than it saves.
constexpr int64_t kGrain = 32768;

// gelu(x), and in place of x its derivative.
Tensor apply_gelu(Tensor* x) {
  Tensor out = at::empty_like(*x);
  float* in = x->data_ptr<float>();
  float* to = out.data_ptr<float>();
  parallel(x->numel(), kGrain,
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

// Rows up to which the own kernels are the faster: oneDNN packs the weights first, and that costs
// as much as it saves unless many rows use them.
constexpr int64_t kFewRows = 8, kSomeRows = 48;

// out = x weight^T + bias; x and weight both float32 or both bfloat16.
void forward_product(const Tensor& x, const Tensor& weight, const Tensor& bias, bool is_gelu,
                     Tensor* out) {
  const int64_t rows = x.size(0), depth = x.size(1), width = weight.size(0);
  if (x.scalar_type() != at::kFloat || rows > kSomeRows || is_gelu)
    return matrix_multiply(x, weight.t(), bias, {is_gelu}, out);
  const Kernels& table = *kernels();
  const float* from = x.data_ptr<float>();
  const float* weights = weight.data_ptr<float>();
  const float* biases = bias.defined() ? bias.data_ptr<float>() : nullptr;
  float* to = out->data_ptr<float>();
  const int64_t grain = std::max<int64_t>(1, kGrain / (depth * std::max<int64_t>(1, rows / 4)));
  if (rows <= kFewRows) {
    parallel(width, grain, [&](int64_t begin, int64_t end, int) {
      table.few_rows_product(rows, depth, width, from, weights, biases, to, begin, end);
    });
    return;
  }
  const int64_t each = table.some_rows_scratch(rows, depth);
  const Tensor scratch = at::empty({num_shares(width, grain), each}, x.options());
  float* memory = scratch.data_ptr<float>();
  parallel(width, grain, [&](int64_t begin, int64_t end, int share) {
    table.some_rows_product(rows, depth, width, from, weights, biases, to, begin, end,
                            memory + share * each);
  });
}

// A factor of a product in the format that the scope asks for.
Tensor as_factor(const Tensor& x, Precision precision) {
  return precision == Precision::bf16 ? x.to(at::kBFloat16) : x;
}

// Inputs x (rows, in) contiguous, the weights, then the biases of the maps that have one. The
// activation is that of the only map.
class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  static variable_list forward(AutogradContext* context, const Tensor& x, at::TensorList weights,
                               at::TensorList biases, std::vector<int64_t> has_bias,
                               int64_t activation) {
    const auto kind = static_cast<Activation>(activation);
    const Precision precision = current_precision();
    // The rounded factors are what the backward pass needs too.
    variable_list outs, saved = {as_factor(x, precision)};
    size_t bias = 0;
    std::vector<int64_t> needs_weight, needs_bias;
    for (size_t i = 0; i < weights.size(); ++i) {
      outs.push_back(at::empty({x.size(0), weights[i].size(0)}, x.options()));
      const Tensor own = has_bias[i] ? biases[bias++] : Tensor();
      const Tensor weight = as_factor(weights[i], precision);
      forward_product(saved[0], weight, own, /*is_gelu=*/false, &outs.back());
      saved.push_back(weight);
      needs_weight.push_back(weights[i].requires_grad());
      needs_bias.push_back(own.defined() && own.requires_grad());
    }
    if (kind == Activation::relu) {
      apply_relu(&outs[0]);
      saved.push_back(outs[0]);
    } else if (kind == Activation::gelu) {
      saved.push_back(outs[0]);
      outs[0] = apply_gelu(&saved.back());
    }
    context->save_for_backward(saved);
    context->saved_data["activation"] = activation;
    context->saved_data["has_bias"] = has_bias;
    context->saved_data["needs_x"] = x.requires_grad();
    context->saved_data["needs_weight"] = needs_weight;
    context->saved_data["needs_bias"] = needs_bias;
    return outs;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    BRAID_ASSERT(!at::GradMode::is_enabled());  // kernels have first derivatives only
    const auto saved = context->get_saved_variables();
    auto& data = context->saved_data;
    const auto kind = static_cast<Activation>(data["activation"].toInt());
    const auto has_bias = data["has_bias"].toIntVector();
    const auto needs_weight = data["needs_weight"].toIntVector();
    const auto needs_bias = data["needs_bias"].toIntVector();
    const Tensor& x = saved[0];
    const Precision precision =
        x.scalar_type() == at::kBFloat16 ? Precision::bf16 : Precision::float32;
    variable_list results = {Tensor()}, biases;
    for (size_t i = 0; i < grads.size(); ++i) {
      const Tensor& weight = saved[i + 1];
      const auto [grad, grad_bias] = activation_backward(
          grads[i].contiguous(), kind == Activation::none ? Tensor() : saved.back(), kind);
      const Tensor factor = as_factor(grad, precision);
      if (data["needs_x"].toBool()) {
        const bool is_first = !results[0].defined();
        if (is_first) results[0] = at::empty(x.sizes(), grad.options());
        matrix_multiply(factor, weight, {}, {/*is_gelu=*/false, /*is_added=*/!is_first},
                        &results[0]);
      }
      results.emplace_back();
      if (needs_weight[i]) {
        results.back() = at::empty(weight.sizes(), grad.options());
        matrix_multiply(factor.t(), x, {}, {}, &results.back());
      }
      if (has_bias[i]) biases.push_back(needs_bias[i] ? grad_bias : Tensor());
    }
    results.insert(results.end(), biases.begin(), biases.end());
    results.resize(results.size() + 2);  // of has_bias and the activation
    return results;
  }
};

bool is_fast(const Tensor& x, const Tensor& weight) {
  return has_kernels_for(x) && has_kernels_for(weight) && x.dim() >= 1 &&
         x.size(-1) == weight.size(1) && weight.is_contiguous();
}

bool needs_gradient(const Tensor& x) { return x.defined() && x.requires_grad(); }

bool needs_gradient(const Tensor& x, const std::vector<LinearWeights>& maps) {
  if (!at::GradMode::is_enabled()) return false;
  for (const LinearWeights& map : maps)
    if (needs_gradient(map.weight) || needs_gradient(map.bias)) return true;
  return needs_gradient(x);
}

std::vector<Tensor> apply(const Tensor& x, const std::vector<LinearWeights>& maps,
                          Activation activation) {
  const Tensor rows = x.reshape({-1, x.size(-1)}).contiguous();
  std::vector<Tensor> weights, biases, outs;
  std::vector<int64_t> has_bias;
  for (const LinearWeights& map : maps) {
    weights.push_back(map.weight);
    has_bias.push_back(map.bias.defined() ? 1 : 0);
    if (map.bias.defined()) biases.push_back(map.bias.contiguous());
  }
  if (needs_gradient(x, maps)) {
    outs = LinearFunction::apply(rows, at::TensorList(weights), at::TensorList(biases), has_bias,
                                 static_cast<int64_t>(activation));
  } else {
    const Precision precision = current_precision();
    const Tensor factor = as_factor(rows, precision);
    size_t bias = 0;
    for (size_t i = 0; i < weights.size(); ++i) {
      outs.push_back(at::empty({rows.size(0), weights[i].size(0)}, rows.options()));
      forward_product(factor, as_factor(weights[i], precision),
                      has_bias[i] ? biases[bias++] : Tensor(), activation == Activation::gelu,
                      &outs.back());
      if (activation == Activation::relu) apply_relu(&outs.back());
    }
  }
  for (Tensor& out : outs) {
    std::vector<int64_t> shape = x.sizes().vec();
    shape.back() = out.size(1);
    out = out.view(shape);
  }
  return outs;
}

}  // namespace

Tensor linear_reference(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        Activation activation) {
  const Tensor out = at::linear(x, weight, bias);
  if (activation == Activation::relu) return at::relu(out);
  return activation == Activation::gelu ? at::gelu(out) : out;
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation activation) {
  if (!is_fast(x, weight)) return linear_reference(x, weight, bias, activation);
  return apply(x, {{weight, bias}}, activation)[0];
}

std::vector<Tensor> linears(const Tensor& x, const std::vector<LinearWeights>& maps) {
  std::vector<Tensor> outs;
  for (const LinearWeights& map : maps)
    if (!is_fast(x, map.weight)) {
      for (const LinearWeights& each : maps)
        outs.push_back(linear_reference(x, each.weight, each.bias));
      return outs;
    }
  return apply(x, maps, Activation::none);
}

}  // namespace braid::ops
