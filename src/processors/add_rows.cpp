#include "processors/add_rows.h"

#include <cmath>

#include "core/clones.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace braid::processors {

BRAID_CLONES void add_rows(const uint8_t* __restrict rows, size_t size,
                           const int32_t* __restrict weights, int32_t* __restrict sums) {
  const int32_t a = weights[0], b = weights[1], c = weights[2], d = weights[3];
  for (size_t i = 0; i < size; ++i)
    sums[i] += a * rows[i] + b * rows[size + i] + c * rows[2 * size + i] + d * rows[3 * size + i];
}

void plain_add_rows(const float* rows, size_t size, const float* weights, float* sums) {
  for (size_t i = 0; i < size; ++i)
    for (int k = 0; k < kRowsAdded; ++k)
      sums[i] = std::fma(weights[k], rows[k * size + i], sums[i]);
}

#if defined(__x86_64__)

namespace {

// BRAID_CLONES has no version with FMA, without which std::fma is a call.
__attribute__((target("avx2,fma"))) void add_rows_by_fma(const float* rows, size_t size,
                                                         const float* weights, float* sums) {
  size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    __m256 sum = _mm256_loadu_ps(sums + i);
    for (int k = 0; k < kRowsAdded; ++k)
      sum = _mm256_fmadd_ps(_mm256_set1_ps(weights[k]), _mm256_loadu_ps(rows + k * size + i), sum);
    _mm256_storeu_ps(sums + i, sum);
  }
  for (; i < size; ++i)
    for (int k = 0; k < kRowsAdded; ++k)
      sums[i] = __builtin_fmaf(weights[k], rows[k * size + i], sums[i]);
}

}  // namespace

void add_rows(const float* rows, size_t size, const float* weights, float* sums) {
  static const bool has_fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (has_fma)
    add_rows_by_fma(rows, size, weights, sums);
  else
    plain_add_rows(rows, size, weights, sums);
}

#else

void add_rows(const float* rows, size_t size, const float* weights, float* sums) {
  plain_add_rows(rows, size, weights, sums);
}

#endif

}  // namespace braid::processors
