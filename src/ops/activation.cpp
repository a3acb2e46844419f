#include "ops/activation.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "ops/kernels.h"
#include "ops/parallel.h"

namespace braid::ops {
namespace {

using at::Tensor;

// kernel(sums, begin, end) for the rows of `like`, each thread with sums of its own; what they come
// to, added in the threads' order: the bits depend on the number of threads only. -> (out)
template <class Kernel>
Tensor summed_over_rows(const Tensor& like, const Kernel& kernel) {
  const int64_t rows = like.size(0), width = like.size(1);
  const int64_t grain = std::max<int64_t>(1, kElementGrain / width);
  Tensor partial = at::zeros({num_shares(rows, grain), width}, like.options().dtype(at::kFloat));
  float* sums = partial.data_ptr<float>();
  parallel(rows, grain, [&](int64_t begin, int64_t end, int share) {
    kernel(sums + share * width, begin, end);
  });
  return partial.size(0) == 1 ? partial[0] : partial.sum(/*dim=*/0);
}

// Without an activation: the gradient itself, rounded where the products want it so.
std::pair<Tensor, Tensor> bias_backward(const Tensor& grad_out, bool is_bf16, bool needs_bias) {
  if (!needs_bias) return {is_bf16 ? rounded(grad_out) : grad_out, Tensor()};
  const int64_t width = grad_out.size(1);
  const Kernels& table = *kernels();
  if (is_half(grad_out)) {
    const Tensor sum = summed_over_rows(grad_out, [&](float* sums, int64_t begin, int64_t end) {
      table.bias_backward_bf16(width, bits(grad_out), sums, begin, end);
    });
    return {grad_out, sum};
  }
  const float* from = grad_out.data_ptr<float>();
  if (!is_bf16) {
    const Tensor sum = summed_over_rows(grad_out, [&](float* sums, int64_t begin, int64_t end) {
      table.bias_backward(width, from, sums, begin, end);
    });
    return {grad_out, sum};
  }
  Tensor grad = at::empty(grad_out.sizes(), grad_out.options().dtype(at::kBFloat16));
  const Tensor sum = summed_over_rows(grad_out, [&](float* sums, int64_t begin, int64_t end) {
    table.round_with_bias_backward(width, from, bits(grad), sums, begin, end);
  });
  return {grad, sum};
}

std::pair<Tensor, Tensor> gelu_backward_bf16(const Tensor& grad_out, const Tensor& saved) {
  const Tensor from = rounded(grad_out);
  Tensor grad = at::empty_like(from);
  const Tensor sum = summed_over_rows(grad_out, [&](float* sums, int64_t begin, int64_t end) {
    kernels()->gelu_backward_bf16(from.size(1), bits(saved), bits(from), bits(grad), sums, begin,
                                  end);
  });
  return {grad, sum};
}

}  // namespace

bool is_half(const Tensor& x) { return x.scalar_type() == at::kBFloat16; }

uint16_t* bits(const Tensor& x) { return reinterpret_cast<uint16_t*>(x.data_ptr<at::BFloat16>()); }

Tensor rounded(const Tensor& x) {
  if (is_half(x)) return x;
  const Tensor from = x.contiguous();
  Tensor out = at::empty(x.sizes(), x.options().dtype(at::kBFloat16));
  parallel(x.numel(), kElementGrain, [&](int64_t begin, int64_t end, int) {
    kernels()->round_to_bf16(from.data_ptr<float>(), bits(out), begin, end);
  });
  return out;
}

at::Tensor gelu(const at::Tensor& x) {
  if (!at::GradMode::is_enabled() || !x.requires_grad()) return at::gelu(x.contiguous());
  return 0.5 * x * (1 + at::erf(x * M_SQRT1_2));
}

at::Tensor gelu_tanh(const at::Tensor& x) {
  if (!at::GradMode::is_enabled() || !x.requires_grad()) return at::gelu(x.contiguous(), "tanh");
  // (1 + tanh(u)) / 2 is sigmoid(2 u).
  return x * at::sigmoid(1.5957691216057308 * x * (1 + 0.044715 * x * x));
}

void apply_relu(Tensor* x) {
  float* in = x->data_ptr<float>();
  parallel(x->numel(), kElementGrain,
           [&](int64_t begin, int64_t end, int) { kernels()->relu_forward(in, begin, end); });
}

Tensor apply_gelu(Tensor* x) {
  Tensor out = at::empty_like(*x);
  float* in = x->data_ptr<float>();
  float* to = out.data_ptr<float>();
  parallel(x->numel(), kElementGrain,
           [&](int64_t begin, int64_t end, int) { kernels()->gelu_forward(in, to, begin, end); });
  return out;
}

void apply_gelu_bf16(const Tensor& sums, Tensor* out, Tensor* derivative) {
  const float* from = sums.data_ptr<float>();
  uint16_t* to = bits(*out);
  uint16_t* slope = bits(*derivative);
  parallel(sums.numel(), kElementGrain, [&](int64_t begin, int64_t end, int) {
    kernels()->gelu_forward_bf16(from, to, slope, begin, end);
  });
}

std::pair<Tensor, Tensor> activation_backward(const Tensor& grad_out, const Tensor& saved,
                                              Activation activation, bool is_bf16,
                                              bool needs_bias) {
  if (activation == Activation::none) return bias_backward(grad_out, is_bf16, needs_bias);
  if (activation == Activation::gelu && is_bf16) return gelu_backward_bf16(grad_out, saved);
  const Tensor from = grad_out.to(at::kFloat), state = saved.to(at::kFloat);
  Tensor grad = at::empty_like(from);
  const auto kernel =
      activation == Activation::gelu ? kernels()->gelu_backward : kernels()->relu_backward;
  const Tensor sum = summed_over_rows(grad_out, [&](float* sums, int64_t begin, int64_t end) {
    kernel(from.size(1), state.data_ptr<float>(), from.data_ptr<float>(), grad.data_ptr<float>(),
           sums, begin, end);
  });
  return {is_bf16 ? rounded(grad) : grad, sum};
}

}  // namespace braid::ops
