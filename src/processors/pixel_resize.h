// Both passes of a picture's resize, fused with what each level of a channel becomes.
#pragma once
#include <array>
#include <cstddef>

#include "formats/image.h"
#include "processors/pixel_taps.h"

namespace braid::processors {

/// What the 8-bit levels of each channel become: rescaled and normalised.
using LevelTables = std::array<std::array<float, 256>, 3>;

/// A rectangle of `across.first.size()` by `down.first.size()` pixels within planes of
/// `plane_samples` whose rows are `row_samples` apart; `out` is its top left sample.
struct PixelTarget {
  float* out = nullptr;
  size_t row_samples = 0, plane_samples = 0;
};

/// Rows are resized first, then columns, each rounded as the taps' arithmetic says; what comes out
/// is a level, which the tables turn into the result. Grey is repeated. Alpha is dropped, or
/// composited on white first. Of 16 bits the upper 8 are read.
///
/// Shapes   across and down are of one kind, and end within the image, whose samples are complete.
/// Cost     one pass over the source rows that are read; beyond the output a few rows of memory.
void resize_pixels(const formats::Image& image, bool is_on_white, const PixelTaps& across,
                   const PixelTaps& down, const LevelTables& tables, const PixelTarget& target);

}  // namespace braid::processors
