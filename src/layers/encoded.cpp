#include "layers/encoded.h"

#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/torch.h>

#include <cstring>

#include "core/error.h"

namespace braid {

namespace {

// Every entry is `value`, and the answer costs no wait for a device; a traced graph must not depend
// on it.
bool is_known(const Tensor& keep, bool value) {
  if (!keep.device().is_cpu() || !keep.is_contiguous() || torch::jit::tracer::isTracing())
    return false;
  const int64_t size = keep.numel();
  return size == 0 ||
         std::memchr(keep.data_ptr<bool>(), value ? 0 : 1, static_cast<size_t>(size)) == nullptr;
}

}  // namespace

bool is_known_true(const Tensor& keep) { return is_known(keep, true); }
bool is_known_false(const Tensor& keep) { return is_known(keep, false); }

Tensor keep_where(const Tensor& keep, const Tensor& x) {
  BRAID_ASSERT(keep.scalar_type() == at::kBool && keep.dim() <= x.dim());
  if (is_known_true(keep)) return x;
  Tensor drop = keep.logical_not();
  while (drop.dim() < x.dim()) drop = drop.unsqueeze(-1);
  return x.masked_fill(drop, 0);
}

Tensor real_tokens(const Tensor& mask, const Tensor& present) {
  return is_known_true(present) ? mask : mask.logical_and(present.unsqueeze(1));
}

}  // namespace braid
