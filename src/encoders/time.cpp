#include "encoders/time.h"

#include <torch/torch.h>

#include <algorithm>

namespace braid::encoders {

Tensor pad_time(const Tensor& x, int64_t multiple) {
  return pad_time_to(x, (x.size(1) + multiple - 1) / multiple * multiple);
}

Tensor pad_time_to(const Tensor& x, int64_t length) {
  if (x.size(1) >= length) return x;
  std::vector<int64_t> sizes = x.sizes().vec();
  sizes[1] = length - x.size(1);
  return at::cat({x, at::zeros(sizes, x.options().requires_grad(false))}, /*dim=*/1);
}

Tensor real_lengths(const Tensor& mask) {
  const Tensor place = at::arange(1, mask.size(1) + 1, mask.options().dtype(at::kLong));
  return (place * mask).amax(/*dim=*/1);
}

Tensor first_places(const Tensor& lengths, int64_t length) {
  return at::arange(length, lengths.options()).unsqueeze(0).lt(lengths.unsqueeze(1));
}

int64_t num_windows(int64_t length, int64_t size, int64_t stride) {
  return length < 1 ? 0 : (std::max(length, size) - size) / stride + 1;
}

Tensor num_windows(const Tensor& lengths, int64_t size, int64_t stride) {
  return ((lengths - size).clamp_min(0).div(stride, "floor") + 1) * lengths.gt(0);
}

Tensor pool_mask(const Tensor& mask, int64_t stride) {
  return mask.reshape({mask.size(0), mask.size(1) / stride, stride}).any(/*dim=*/2);
}

int64_t group_size(int64_t length, int64_t most) {
  int64_t size = 1;
  while ((length + size - 1) / size > most) size *= 2;
  return size;
}

Tensor group_means(const Tensor& x, const Tensor& mask, int64_t stride) {
  if (stride == 1) return keep_where(mask, x);
  const Tensor real = pad_time(mask, stride);                 // [B, T]
  const Tensor kept = keep_where(real, pad_time(x, stride));  // [B, T, F]
  const int64_t B = x.size(0), groups = real.size(1) / stride;
  const Tensor count = real.view({B, groups, stride}).sum(/*dim=*/2, /*keepdim=*/true);
  return kept.view({B, groups, stride, x.size(2)}).sum(/*dim=*/2) /
         count.clamp_min(1).to(x.dtype());  // [B, groups, F]
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
