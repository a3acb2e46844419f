// x w^T for a handful of rows x, where the time goes into reading w: every weight is read once, as
// it lies, and nothing is packed.
#pragma once
#include "ops/kernels/kernels.h"
#include "ops/kernels/vec.h"

namespace braid::ops::BRAID_ISA {

// Rows of x by kLanes / Rows rows of w: kLanes sums, which one vector then holds. Rows of w past
// the last are the last again, and their sums are not stored.
template <int Rows>
inline void few_rows_tile(int64_t depth, const float* x, const float* weight, int64_t columns,
                          const float* bias, float* out, int64_t out_row) {
  constexpr int kColumns = kLanes / Rows;
  Vec totals[kLanes] = {};
  const float* rows[kColumns];
  for (int64_t j = 0; j < kColumns; ++j) rows[j] = weight + smaller(j, columns - 1) * depth;
  int64_t k = 0;
  for (; k + kLanes <= depth; k += kLanes) {
    Vec left[Rows];
    for (int i = 0; i < Rows; ++i) left[i] = load(x + i * depth + k);
    for (int j = 0; j < kColumns; ++j) {
      const Vec right = load(rows[j] + k);
      for (int i = 0; i < Rows; ++i) totals[i * kColumns + j] += left[i] * right;
    }
  }
  if (k < depth)
    for (int i = 0; i < Rows; ++i) {
      const Vec left = load_part(x + i * depth + k, depth - k);
      for (int j = 0; j < kColumns; ++j)
        totals[i * kColumns + j] += left * load_part(rows[j] + k, depth - k);
    }
  float results[kLanes];
  store(results, sums(totals));
  for (int i = 0; i < Rows; ++i)
    for (int64_t j = 0; j < smaller(kColumns, columns); ++j)
      out[i * out_row + j] = results[i * kColumns + j] + (bias == nullptr ? 0.0f : bias[j]);
}

inline void few_rows_product(int64_t num_rows, int64_t depth, int64_t width, const float* x,
                             const float* weight, const float* bias, float* out, int64_t begin,
                             int64_t end) {
  constexpr int kMost = 4;
  // The rows of w for one pass of all rows of x stay in the first cache.
  for (int64_t n = begin; n < end; n += kLanes) {
    const int64_t last = smaller(n + kLanes, end);
    const auto over = [&](auto rows, int64_t i) {
      constexpr int kRows = decltype(rows)::value;
      for (int64_t j = n; j < last; j += kLanes / kRows)
        few_rows_tile<kRows>(depth, x + i * depth, weight + j * depth, last - j,
                             bias == nullptr ? nullptr : bias + j, out + i * width + j, width);
    };
    int64_t i = 0;
    for (; i + kMost <= num_rows; i += kMost) over(Number<kMost>(), i);
    if (i + 2 <= num_rows) {
      over(Number<2>(), i);
      i += 2;
    }
    if (i < num_rows) over(Number<1>(), i);
  }
}

// Scratch: x transposed, and one block of the transposed product.
constexpr int64_t kProductBlock = 48;

inline int64_t some_rows_scratch(int64_t num_rows, int64_t depth) {
  return padded(num_rows) * (depth + kProductBlock);
}

inline void some_rows_product(int64_t num_rows, int64_t depth, int64_t width, const float* x,
                              const float* weight, const float* bias, float* out, int64_t begin,
                              int64_t end, float* scratch) {
  const int64_t columns = padded(num_rows);
  float* turned = scratch;
  float* block = scratch + columns * depth;
  if (columns > num_rows) __builtin_memset(turned, 0, static_cast<size_t>(4 * columns * depth));
  transpose(num_rows, depth, x, depth, turned, columns);
  for (int64_t n = begin; n < end; n += kProductBlock) {
    const int64_t size = smaller(kProductBlock, end - n);
    multiply<Start::zero>(size, columns, depth, weight + n * depth, depth, 1, turned, columns,
                          /*first=*/nullptr, block, columns);
    if (bias != nullptr)
      for (int64_t j = 0; j < size; ++j)
        for (int64_t i = 0; i < columns; i += kLanes)
          store(block + j * columns + i, load(block + j * columns + i) + bias[n + j]);
    transpose(size, num_rows, block, columns, out + n, width);
  }
}

}  // namespace braid::ops::BRAID_ISA
