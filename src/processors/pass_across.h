// The hot loop of a picture's resize: sums along rows, of eight rows at once.
#pragma once
#include <cstdint>

#include "processors/pixel_taps.h"

namespace braid::processors {

/// Rows that lie side by side: sample r of column i is columns[kRowsAtOnce * i + r].
constexpr int kRowsAtOnce = 8;

/// Output sample x of plane c of row r, with columns of `planes` planes from taps.low on:
///
///   out[(x planes + c) kRowsAtOnce + r] =
///     sum_k weights[x, k] columns[((first[x] - low + k) planes + c) kRowsAtOnce + r]
///
/// Levels are rounded and clamped; floats are sums by fused multiply-add, in the order of k.
/// Processors with AVX2 and FMA have a version of their own, which gives the same bits.
void pass_across(const uint8_t* columns, int planes, const PixelTaps& taps, uint8_t* out);
void pass_across(const uint8_t* columns, int planes, const PixelTaps& taps, float* out);

/// The same for any processor: what the above is held to.
void plain_pass_across(const uint8_t* columns, int planes, const PixelTaps& taps, uint8_t* out);
void plain_pass_across(const uint8_t* columns, int planes, const PixelTaps& taps, float* out);

}  // namespace braid::processors
