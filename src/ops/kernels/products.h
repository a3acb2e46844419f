// x w^T for a handful of rows x, where the time goes into reading w: every weight is read once, as
// it lies, and nothing is packed.
#pragma once
#include "ops/kernels/kernels.h"
#include "ops/kernels/vec.h"

namespace braid::ops::BRAID_ISA {

// What a tile's sums add up to, lane by lane: Rows by kLanes / Rows numbers.
template <int Rows>
inline void store_tile(const Vec* totals, int64_t columns, const float* bias, float* out,
                       int64_t out_row) {
  constexpr int kColumns = kLanes / Rows;
  float results[kLanes];
  store(results, sums(totals));
  for (int i = 0; i < Rows; ++i)
    for (int64_t j = 0; j < smaller(kColumns, columns); ++j)
      out[i * out_row + j] = results[i * kColumns + j] + (bias == nullptr ? 0.0f : bias[j]);
}

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
  store_tile<Rows>(totals, columns, bias, out, out_row);
}

// Of a row with `depth` numbers the half of the even ones, padded.
inline int64_t half_row(int64_t depth) { return padded((depth + 1) / 2); }

// bfloat16 weights, two to a lane: shifted, the even one is a float, and masked the odd one. So x
// comes as the even numbers of each row, then the odd ones, both padded with zeros.
template <int Rows>
inline void few_rows_tile(int64_t depth, const float* x, const uint16_t* weight, int64_t columns,
                          const float* bias, float* out, int64_t out_row) {
  constexpr int kColumns = kLanes / Rows;
  const int64_t half = half_row(depth);
  Vec totals[kLanes] = {};
  const uint16_t* rows[kColumns];
  for (int64_t j = 0; j < kColumns; ++j) rows[j] = weight + smaller(j, columns - 1) * depth;
  const auto over = [&](int64_t k, auto load_pairs) {
    Vec even[Rows], odd[Rows];
    for (int i = 0; i < Rows; ++i) {
      even[i] = load(x + i * 2 * half + k / 2);
      odd[i] = load(x + i * 2 * half + half + k / 2);
    }
    for (int j = 0; j < kColumns; ++j) {
      const BitVec pairs = load_pairs(rows[j] + k);
      const Vec low = as_floats(pairs << 16), high = as_floats(pairs & 0xffff0000u);
      for (int i = 0; i < Rows; ++i) {  // two multiply-adds; as one sum it would be three steps
        totals[i * kColumns + j] += even[i] * low;
        totals[i * kColumns + j] += odd[i] * high;
      }
    }
  };
  int64_t k = 0;
  for (; k + 2 * kLanes <= depth; k += 2 * kLanes)
    over(k, [](const uint16_t* p) {
      BitVec pairs;
      __builtin_memcpy(&pairs, p, sizeof pairs);
      return pairs;
    });
  if (k < depth)
    over(k, [&](const uint16_t* p) {
      BitVec pairs{};
      __builtin_memcpy(&pairs, p, static_cast<size_t>(2 * (depth - k)));
      return pairs;
    });
  store_tile<Rows>(totals, columns, bias, out, out_row);
}

// Of rows of x that lie `x_row` apart.
template <class Weight>
inline void few_rows(int64_t num_rows, int64_t depth, int64_t width, const float* x, int64_t x_row,
                     const Weight* weight, const float* bias, float* out, int64_t begin,
                     int64_t end) {
  constexpr int kMost = 4;
  // The rows of w for one pass of all rows of x stay in the first cache.
  for (int64_t n = begin; n < end; n += kLanes) {
    const int64_t last = smaller(n + kLanes, end);
    const auto over = [&](auto rows, int64_t i) {
      constexpr int kRows = decltype(rows)::value;
      for (int64_t j = n; j < last; j += kLanes / kRows)
        few_rows_tile<kRows>(depth, x + i * x_row, weight + j * depth, last - j,
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

inline void few_rows_product(int64_t num_rows, int64_t depth, int64_t width, const float* x,
                             const float* weight, const float* bias, float* out, int64_t begin,
                             int64_t end) {
  few_rows(num_rows, depth, width, x, depth, weight, bias, out, begin, end);
}

inline int64_t few_rows_scratch(int64_t num_rows, int64_t depth) {
  return num_rows * 2 * half_row(depth);
}

// x rounded to bfloat16, even and odd numbers apart.
inline void split_rows(int64_t num_rows, int64_t depth, const float* x, float* split) {
  const int64_t half = half_row(depth);
  for (int64_t i = 0; i < num_rows; ++i) {
    const float* from = x + i * depth;
    float* to = split + i * 2 * half;
    for (int64_t k = 0; k < depth; k += 2 * kLanes) {
      const int64_t left = depth - k;
      const auto part = [&](int64_t at) {
        return left >= at + kLanes ? load(from + k + at)
               : left > at         ? load_part(from + k + at, left - at)
                                   : Vec{};
      };
      uint16_t numbers[2 * kLanes];
      store(numbers, part(0));
      store(numbers + kLanes, part(kLanes));
      BitVec pairs;
      __builtin_memcpy(&pairs, numbers, sizeof pairs);
      store(to + k / 2, as_floats(pairs << 16));
      store(to + half + k / 2, as_floats(pairs & 0xffff0000u));
    }
  }
}

inline void few_rows_product_bf16(int64_t num_rows, int64_t depth, int64_t width,
                                  const float* split, const uint16_t* weight, const float* bias,
                                  float* out, int64_t begin, int64_t end) {
  few_rows(num_rows, depth, width, split, 2 * half_row(depth), weight, bias, out, begin, end);
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
