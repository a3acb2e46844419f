#include "layers/encoded.h"

#include <torch/torch.h>

#include "core/error.h"

namespace braid {

Tensor keep_where(const Tensor& keep, const Tensor& x) {
  BRAID_ASSERT(keep.scalar_type() == at::kBool && keep.dim() <= x.dim());
  Tensor drop = keep.logical_not();
  while (drop.dim() < x.dim()) drop = drop.unsqueeze(-1);
  return x.masked_fill(drop, 0);
}

}  // namespace braid
