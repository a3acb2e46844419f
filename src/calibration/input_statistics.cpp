#include "calibration/input_statistics.h"

#include <torch/torch.h>

#include <vector>

namespace braid::calibration {
namespace {

constexpr int64_t kMissingId = 0, kUnknownId = 1;  // of tokens and categories
constexpr double kSmall = 1e-6;                    // beside values of unit deviation

Tensor safe_log(const Tensor& x) { return (x + kSmall).log(); }

// Mean of `x` over all but the rows where `weight`, of its shape, counts.
Tensor mean_of(const Tensor& x, const Tensor& weight) {
  const Tensor w = weight.flatten(1);
  return (x.flatten(1) * w).sum(/*dim=*/1) / w.sum(/*dim=*/1).clamp_min(1);  // [B]
}

// Mean size of the step to the next value along `dim`; zeros where there is no next.
Tensor mean_step(const Tensor& x, const Tensor& weight, int64_t dim) {
  const int64_t count = x.size(dim) - 1;
  if (count < 1) return at::zeros({x.size(0)}, x.options());
  const Tensor step = x.narrow(dim, 1, count) - x.narrow(dim, 0, count);
  return mean_of(step.abs(), weight.narrow(dim, 1, count) * weight.narrow(dim, 0, count));
}

// Share of the rows' `ids` where `is_real` that are `id`.
Tensor share_of(const Tensor& ids, int64_t id, const Tensor& is_real) {
  return mean_of(ids.eq(id).to(at::kDouble), is_real.to(at::kDouble));
}

void add_values(const Tensor& values, const Tensor& weight, std::vector<Tensor>* out) {
  const Tensor mean = mean_of(values, weight);
  std::vector<int64_t> shape(static_cast<size_t>(values.dim()), 1);
  shape[0] = values.size(0);
  const Tensor deviation = mean_of((values - mean.view(shape)).square(), weight).sqrt();
  out->insert(out->end(), {mean, safe_log(deviation),
                           safe_log((values.abs() * weight).flatten(1).amax(/*dim=*/1))});
  for (int64_t dim : {values.dim() - 1, values.dim() - 2})
    out->push_back(safe_log(mean_step(values, weight, dim)));
}

std::vector<Tensor> of_table(const Input& input) {
  std::vector<Tensor> out;
  if (input.values.size(1) > 0) {
    const Tensor values = input.values.masked_fill(input.observed.logical_not(), 0);
    const Tensor observed = input.observed.to(values.scalar_type());
    const Tensor sizes = values.abs() * observed;
    // No logarithms: of few numbers, all near their mean is nothing strange.
    out = {observed.mean(/*dim=*/1), mean_of(values, observed), mean_of(sizes, observed),
           sizes.amax(/*dim=*/1)};
  }
  if (input.ids.defined() && input.ids.size(1) > 0)
    for (int64_t id : {kMissingId, kUnknownId})
      out.push_back(share_of(input.ids, id, at::ones_like(input.ids)));
  return out;
}

}  // namespace

Tensor input_statistics(const Input& input) {
  std::vector<Tensor> out;
  if (input.times.defined()) {
    const Tensor observed = input.observed.to(input.values.scalar_type());
    add_values(keep_where(input.observed, input.values), observed, &out);
    const Tensor real = input.mask.to(at::kDouble);
    out.push_back(safe_log(real.sum(/*dim=*/1)));
    out.push_back(mean_of(observed, real.unsqueeze(2).expand_as(observed)));
  } else if (input.observed.defined()) {
    out = of_table(input);
  } else if (input.ids.defined()) {
    const Tensor length = input.mask.to(at::kDouble).sum(/*dim=*/1);
    out = {safe_log(length), share_of(input.ids, kUnknownId, input.mask)};
  } else if (input.values.dim() == 4) {
    add_values(input.values, at::ones_like(input.values), &out);  // a picture
  } else {
    const Tensor real = input.mask.to(input.values.scalar_type());
    std::vector<int64_t> shape(static_cast<size_t>(input.values.dim()), 1);
    std::copy_n(real.sizes().begin(), 2, shape.begin());
    add_values(keep_where(input.mask, input.values), real.view(shape).expand_as(input.values),
               &out);
    out.push_back(safe_log(real.sum(/*dim=*/1)));
  }
  for (Tensor& one : out) one = one.to(at::kDouble);
  return at::stack(out, /*dim=*/1);  // [B, S]
}

}  // namespace braid::calibration
