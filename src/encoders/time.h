// What encoders do along the time axis, with masks.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "layers/encoded.h"

namespace braid::encoders {

/// Pads (B, T) or (B, T, ...) along T with zeros (false) to a multiple of `multiple`.
Tensor pad_time(const Tensor& x, int64_t multiple);

/// Which groups of `stride` frames hold a real one.
///
/// Shapes   mask (B, T) bool -> (B, T / stride); T is a multiple of stride.
Tensor pool_mask(const Tensor& mask, int64_t stride);

/// The smallest power of two that brings `length` frames down to at most `most` groups.
int64_t group_size(int64_t length, int64_t most);

/// Means over the real ones of every `stride` frames; zeros where there is none. The last group may
/// be short.
///
/// Shapes   x (B, T, F), mask (B, T) bool -> (B, ceil(T / stride), F).
Tensor group_means(const Tensor& x, const Tensor& mask, int64_t stride);

/// Mean over time within `parts` parts of the real frames. Part k of n frames covers floor(k n /
/// parts) up to ceil((k + 1) n / parts), as adaptive pooling does.
///
/// Shapes   x (B, T, F), mask (B, T) bool -> (B, parts, F); zeros for a row without real frames.
Tensor pool_time(const Tensor& x, const Tensor& mask, int64_t parts);

/// Pads (B, T) or (B, T, ...) along T with zeros (false) to at least `length`.
Tensor pad_time_to(const Tensor& x, int64_t length);

/// Places up to each row's last real one. Shapes   mask (B, T) bool -> (B) int64.
Tensor real_lengths(const Tensor& mask);

/// True in the first lengths[b] places of row b. Shapes   lengths (B) -> (B, length) bool.
Tensor first_places(const Tensor& lengths, int64_t length);

/// Windows of `size` places, `stride` apart, that lie within `length` places: what a convolution
/// without padding hands out. One where there is less than a window, none where there is nothing.
int64_t num_windows(int64_t length, int64_t size, int64_t stride);
/// The same of each length. Shapes   lengths (B) int64 -> (B).
Tensor num_windows(const Tensor& lengths, int64_t size, int64_t stride);

}  // namespace braid::encoders
