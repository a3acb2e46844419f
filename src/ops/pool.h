// Pooling of pictures whose channels lie last in memory.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace braid::ops {

/// The largest of every 2 x 2 places; a last odd row or column is left out. NaN wins. Of equal
/// places the first gets the gradient.
/// Shapes   x (B, C, H, W) -> (B, C, H / 2, W / 2), rounded down; kernels for channels last.
/// Cost     one pass; a byte a result for the backward pass.
at::Tensor max_pool(const at::Tensor& x);
at::Tensor max_pool_reference(const at::Tensor& x);

/// Means over regions x regions parts of the picture, which share places where the sides do not
/// divide: adaptive average pooling.
/// Shapes   x (B, C, H, W) -> (B, C, regions, regions).   Cost   one pass.
at::Tensor region_means(const at::Tensor& x, int64_t regions);
at::Tensor region_means_reference(const at::Tensor& x, int64_t regions);

}  // namespace braid::ops
