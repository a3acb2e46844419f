#include "layers/encoded.h"

#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/torch.h>

#include "core/error.h"

namespace braid {

Tensor keep_where(const Tensor& keep, const Tensor& x) {
  BRAID_ASSERT(keep.scalar_type() == at::kBool && keep.dim() <= x.dim());
  // Where the answer costs no wait for a device, the common case costs no copy; a traced graph must
  // not depend on it.
  if (keep.device().is_cpu() && x.device().is_cpu() && !torch::jit::tracer::isTracing() &&
      keep.all().item<bool>())
    return x;
  Tensor drop = keep.logical_not();
  while (drop.dim() < x.dim()) drop = drop.unsqueeze(-1);
  return x.masked_fill(drop, 0);
}

}  // namespace braid
