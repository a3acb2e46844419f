// Prepared pictures and spectrograms as something to look at, and maps over them as numbers.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "core/json.h"
#include "model/bundle.h"

namespace braid::explain {

/// A PNG as a data URI of the prepared picture, standardisation undone; "" without FFmpeg.
/// `modality` counts among the model's. Shapes   values (C, H, W).
std::string image_picture(const model::Bundle& bundle, size_t modality, const at::Tensor& values);

/// Time runs to the right, high frequencies are at the top, loud is white. Shapes   values (T, F).
std::string sound_picture(const at::Tensor& values);

/// At most 64 a side, rows from the top, to three digits: means over what falls into a cell.
/// Shapes   (H, W) -> a list of rows.
Json map_of(const at::Tensor& values);

/// Three digits; null for what is not finite.
Json rounded(double value);

}  // namespace braid::explain
