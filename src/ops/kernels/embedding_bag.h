// Sums of table rows that ids choose, and the gradient of the table.
#pragma once
#include "ops/kernels/kernels.h"
#include "ops/kernels/rows.h"
#include "ops/kernels/vec.h"

namespace braid::ops::BRAID_ISA {

// f(id) for every real id of row `i`.
template <class F>
inline void over_real(const EmbeddingBag& bag, int64_t i, const F& f) {
  const int64_t* ids = bag.ids + i * bag.length;
  const bool* real = bag.real + i * bag.length;
  for (int64_t t = 0; t < bag.length; ++t)
    if (real[t]) f(ids[t]);
}

// A few neighbouring columns of row `i`, their sums in registers.
template <int Vectors>
inline void sum_columns(int64_t width, int64_t num_bags, const EmbeddingBag* bags, float scale,
                        int64_t i, int64_t d, float* out) {
  Vec sums[Vectors] = {};
  for (int64_t g = 0; g < num_bags; ++g)
    over_real(bags[g], i, [&](int64_t id) {
      const float* row = bags[g].table + id * width + d;
      for (int v = 0; v < Vectors; ++v) sums[v] += load(row + v * kLanes);
    });
  for (int v = 0; v < Vectors; ++v) store(out + i * width + d + v * kLanes, sums[v] * scale);
}

inline void sum_last_columns(int64_t width, int64_t num_bags, const EmbeddingBag* bags, float scale,
                             int64_t i, int64_t d, float* out) {
  Vec total{};
  for (int64_t g = 0; g < num_bags; ++g)
    over_real(bags[g], i,
              [&](int64_t id) { total += load_part(bags[g].table + id * width + d, width - d); });
  store_part(out + i * width + d, total * scale, width - d);
}

inline void embedding_bag_forward(int64_t width, int64_t num_bags, const EmbeddingBag* bags,
                                  const float* scale, float* out, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i) {
    int64_t d = 0;
    for (; d + 4 * kLanes <= width; d += 4 * kLanes)
      sum_columns<4>(width, num_bags, bags, scale[i], i, d, out);
    for (; d + kLanes <= width; d += kLanes)
      sum_columns<1>(width, num_bags, bags, scale[i], i, d, out);
    if (d < width) sum_last_columns(width, num_bags, bags, scale[i], i, d, out);
  }
}

inline void embedding_bag_backward(int64_t width, int64_t num_rows, const EmbeddingBag& bag,
                                   const float* scale, const float* grad_out, float* grad_table,
                                   int64_t begin, int64_t end) {
  for (int64_t i = 0; i < num_rows; ++i) {
    const float* grad = grad_out + i * width;
    over_real(bag, i, [&](int64_t id) {
      const int64_t stripe = id % kIdStripes;
      if (stripe < begin || stripe >= end) return;
      float* to = grad_table + id * width;
      over_row(
          width, [&](int64_t d) { store(to + d, load(to + d) + scale[i] * load(grad + d)); },
          [&](int64_t d, int64_t n) {
            store_part(to + d, load_part(to + d, n) + scale[i] * load_part(grad + d, n), n);
          });
    });
  }
}

}  // namespace braid::ops::BRAID_ISA
