// The other hot loop of a picture's resize: rows that are added to an output row.
#pragma once
#include <cstddef>
#include <cstdint>

namespace braid::processors {

constexpr int kRowsAdded = 4;

/// sums[i] += weights[0] * rows[i] + ... + weights[3] * rows[3 * size + i]; floats in this order,
/// by fused multiply-add, on every processor.
void add_rows(const uint8_t* rows, size_t size, const int32_t* weights, int32_t* sums);
void add_rows(const float* rows, size_t size, const float* weights, float* sums);

/// The latter for any processor: what it is held to.
void plain_add_rows(const float* rows, size_t size, const float* weights, float* sums);

}  // namespace braid::processors
