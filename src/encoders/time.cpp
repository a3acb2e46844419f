#include "encoders/time.h"

#include <torch/torch.h>

namespace braid::encoders {

Tensor pad_time(const Tensor& x, int64_t multiple) {
  const int64_t extra = (multiple - x.size(1) % multiple) % multiple;
  if (extra == 0) return x;
  std::vector<int64_t> sizes = x.sizes().vec();
  sizes[1] = extra;
  return at::cat({x, at::zeros(sizes, x.options().requires_grad(false))}, /*dim=*/1);
}

Tensor pool_mask(const Tensor& mask, int64_t stride) {
  return mask.reshape({mask.size(0), mask.size(1) / stride, stride}).any(/*dim=*/2);
}

Tensor pool_time(const Tensor& x, const Tensor& mask, int64_t parts) {
  const Tensor frame = mask.cumsum(/*dim=*/1).sub(1).unsqueeze(1);            // [B, 1, T]
  const Tensor count = mask.sum(/*dim=*/1).view({-1, 1, 1});                  // [B, 1, 1]
  const Tensor part = at::arange(parts, count.options()).view({1, -1, 1});    // [1, parts, 1]
  const Tensor first = (part * count).div(parts, "floor");                    // [B, parts, 1]
  const Tensor end = ((part + 1) * count + (parts - 1)).div(parts, "floor");  // [B, parts, 1]
  const Tensor inside = frame.ge(first).logical_and(frame.lt(end)).logical_and(mask.unsqueeze(1));
  const Tensor weight = inside.to(x.dtype());  // [B, parts, T]
  return at::bmm(weight / weight.sum(/*dim=*/2, /*keepdim=*/true).clamp_min(1), x);
}

}  // namespace braid::encoders
