#include "ops/group_norm.h"

#include <torch/torch.h>

#include "core/error.h"
#include "ops/kernels.h"
#include "ops/parallel.h"

namespace braid::ops {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

GroupNormSizes sizes_of(const Tensor& x, int64_t groups) {
  return {x.size(2), x.size(3), x.size(1), groups, static_cast<float>(kGroupNormEpsilon)};
}

int64_t grain_of(const Tensor& x) {
  return std::max<int64_t>(1, kElementGrain * x.size(0) / std::max<int64_t>(1, x.numel()));
}

Tensor last(const Tensor& x) { return x.contiguous(at::MemoryFormat::ChannelsLast); }

const bool* real_or_null(const Tensor& real) {
  return real.defined() ? real.data_ptr<bool>() : nullptr;
}

struct Normed {
  Tensor out, mean, rstd;  // (B, C, H, W), (B, groups), (B, groups)
};

Normed run(const Tensor& x, const Tensor& real, int64_t groups, const Tensor& weight,
           const Tensor& bias) {
  const GroupNormSizes sizes = sizes_of(x, groups);
  Normed made{at::empty_like(x), at::empty({x.size(0), groups}, x.options()),
              at::empty({x.size(0), groups}, x.options())};
  const int64_t grain = grain_of(x);
  Tensor scratch = at::empty({num_shares(x.size(0), grain), 2 * sizes.channels}, x.options());
  parallel(x.size(0), grain, [&](int64_t begin, int64_t end, int share) {
    kernels()->group_norm_relu_forward(
        sizes, x.data_ptr<float>(), real_or_null(real), weight.data_ptr<float>(),
        bias.data_ptr<float>(), made.out.data_ptr<float>(), made.mean.data_ptr<float>(),
        made.rstd.data_ptr<float>(), scratch.data_ptr<float>() + share * 2 * sizes.channels, begin,
        end);
  });
  return made;
}

class GroupNormReluFunction : public torch::autograd::Function<GroupNormReluFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x,
                        const c10::optional<Tensor>& some, int64_t groups, const Tensor& weight,
                        const Tensor& bias) {
    const Tensor real = some.value_or(Tensor());
    const Normed made = run(x, real, groups, weight, bias);
    context->save_for_backward({x, made.out, made.mean, made.rstd, weight, real});
    context->saved_data["groups"] = groups;
    return made.out;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    BRAID_ASSERT(!at::GradMode::is_enabled());  // kernels have first derivatives only
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &out = saved[1], &mean = saved[2], &rstd = saved[3],
                 &weight = saved[4], &real = saved[5];
    const GroupNormSizes sizes = sizes_of(x, context->saved_data["groups"].toInt());
    const Tensor grad_out = last(grads[0]);
    Tensor grad_x = at::empty_like(x);
    const int64_t grain = grain_of(x), C = sizes.channels;
    // Of each thread: its sums for the weight and the bias, and scratch.
    Tensor partial = at::zeros({num_shares(x.size(0), grain), 4, C}, x.options());
    parallel(x.size(0), grain, [&](int64_t begin, int64_t end, int share) {
      float* own = partial.data_ptr<float>() + share * 4 * C;
      kernels()->group_norm_relu_backward(sizes, x.data_ptr<float>(), out.data_ptr<float>(),
                                          real_or_null(real), weight.data_ptr<float>(),
                                          mean.data_ptr<float>(), rstd.data_ptr<float>(),
                                          grad_out.data_ptr<float>(), grad_x.data_ptr<float>(), own,
                                          own + C, own + 2 * C, begin, end);
    });
    const Tensor total = partial.sum(/*dim=*/0);  // [4, C]
    return {grad_x, Tensor(), Tensor(), total[0], total[1]};
  }
};

bool is_fast(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return x.dim() == 4 && x.numel() > 0 && has_kernels_for(x) && has_kernels_for(weight) &&
         has_kernels_for(bias);
}

}  // namespace

Tensor group_norm_relu_reference(const Tensor& x, const Tensor& real, int64_t groups,
                                 const Tensor& weight, const Tensor& bias) {
  if (!real.defined()) return at::relu(at::group_norm(x, groups, weight, bias, kGroupNormEpsilon));
  const int64_t B = x.size(0), C = x.size(1), H = x.size(2), W = x.size(3), size = C / groups;
  const Tensor rows = real.view({B, 1, 1, H, 1}), none = at::zeros({}, x.options());
  const Tensor parts = at::where(rows, x.reshape({B, groups, size, H, W}), none);
  const Tensor count =
      real.sum(/*dim=*/1).clamp_min(1).mul(size * W).to(x.scalar_type()).view({B, 1, 1, 1, 1});
  const Tensor mean = parts.sum({2, 3, 4}, /*keepdim=*/true) / count;
  const Tensor centred = at::where(rows, parts - mean, none);
  const Tensor variance = centred.square().sum({2, 3, 4}, /*keepdim=*/true) / count;
  const Tensor normed = (centred * (variance + kGroupNormEpsilon).rsqrt()).view({B, C, H, W}) *
                            weight.view({1, C, 1, 1}) +
                        bias.view({1, C, 1, 1});
  return at::where(real.view({B, 1, H, 1}), at::relu(normed), none);
}

Tensor group_norm_relu(const Tensor& x, const Tensor& real, int64_t groups, const Tensor& weight,
                       const Tensor& bias) {
  BRAID_ASSERT(x.size(1) % groups == 0);
  if (!is_fast(x, weight, bias)) return group_norm_relu_reference(x, real, groups, weight, bias);
  const Tensor rows = real.defined() ? real.contiguous() : real;
  if (at::GradMode::is_enabled() &&
      (x.requires_grad() || weight.requires_grad() || bias.requires_grad()))
    return GroupNormReluFunction::apply(
        last(x), rows.defined() ? c10::optional<Tensor>(rows) : c10::nullopt, groups, weight, bias);
  return run(last(x), rows, groups, weight, bias).out;
}

}  // namespace braid::ops
