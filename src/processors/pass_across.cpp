// Written for AVX2 by hand as well: the compilers at hand spill the sums at every step, which costs
// half the speed.
#include "processors/pass_across.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace braid::processors {
namespace {

const uint8_t* first_column(const uint8_t* columns, int planes, const PixelTaps& taps, size_t x) {
  return columns + static_cast<size_t>(taps.first[x] - taps.low) * planes * kRowsAtOnce;
}

#if defined(__x86_64__)

bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return has;
}

template <int kPlanes>
__attribute__((target("avx2,fma"))) void weigh(const uint8_t* columns, const PixelTaps& taps,
                                               uint8_t* out) {
  const __m128i shift = _mm_cvtsi32_si128(taps.shift);
  const int32_t* weights = taps.fixed.data();
  for (size_t x = 0; x < taps.first.size(); ++x, weights += taps.stride) {
    const uint8_t* samples = first_column(columns, kPlanes, taps, x);
    const int count = taps.count[x];
    __m256i sums[kPlanes];
    for (int c = 0; c < kPlanes; ++c) sums[c] = _mm256_set1_epi32(rounding(taps));
    for (int k = 0; k < count; ++k) {
      const __m256i weight = _mm256_set1_epi32(weights[k]);
      for (int c = 0; c < kPlanes; ++c, samples += kRowsAtOnce) {
        const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(samples));
        sums[c] =
            _mm256_add_epi32(sums[c], _mm256_mullo_epi32(weight, _mm256_cvtepu8_epi32(bytes)));
      }
    }
    for (int c = 0; c < kPlanes; ++c, out += kRowsAtOnce) {
      const __m256i levels = _mm256_sra_epi32(sums[c], shift);
      const __m128i words =
          _mm_packs_epi32(_mm256_castsi256_si128(levels), _mm256_extracti128_si256(levels, 1));
      _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_packus_epi16(words, words));
    }
  }
}

template <int kPlanes>
__attribute__((target("avx2,fma"))) void weigh(const uint8_t* columns, const PixelTaps& taps,
                                               float* out) {
  const float* weights = taps.real.data();
  for (size_t x = 0; x < taps.first.size(); ++x, weights += taps.stride) {
    const uint8_t* samples = first_column(columns, kPlanes, taps, x);
    const int count = taps.count[x];
    __m256 sums[kPlanes];
    for (int c = 0; c < kPlanes; ++c) sums[c] = _mm256_setzero_ps();
    for (int k = 0; k < count; ++k) {
      const __m256 weight = _mm256_set1_ps(weights[k]);
      for (int c = 0; c < kPlanes; ++c, samples += kRowsAtOnce) {
        const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(samples));
        sums[c] = _mm256_fmadd_ps(weight, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)), sums[c]);
      }
    }
    for (int c = 0; c < kPlanes; ++c, out += kRowsAtOnce) _mm256_storeu_ps(out, sums[c]);
  }
}

template <class Row>
bool is_done_by_avx2(const uint8_t* columns, int planes, const PixelTaps& taps, Row* out) {
  if (!has_avx2()) return false;
  if (planes == 1)
    weigh<1>(columns, taps, out);
  else
    weigh<3>(columns, taps, out);
  return true;
}

#else

template <class Row>
bool is_done_by_avx2(const uint8_t*, int, const PixelTaps&, Row*) {
  return false;
}

#endif

}  // namespace

void plain_pass_across(const uint8_t* columns, int planes, const PixelTaps& taps, uint8_t* out) {
  const int lanes = planes * kRowsAtOnce;
  for (size_t x = 0; x < taps.first.size(); ++x) {
    const uint8_t* samples = first_column(columns, planes, taps, x);
    for (int i = 0; i < lanes; ++i) {
      int32_t sum = rounding(taps);
      for (int k = 0; k < taps.count[x]; ++k)
        sum += taps.fixed[x * taps.stride + k] * samples[k * lanes + i];
      *out++ = static_cast<uint8_t>(std::clamp(sum >> taps.shift, 0, 255));
    }
  }
}

void plain_pass_across(const uint8_t* columns, int planes, const PixelTaps& taps, float* out) {
  const int lanes = planes * kRowsAtOnce;
  for (size_t x = 0; x < taps.first.size(); ++x) {
    const uint8_t* samples = first_column(columns, planes, taps, x);
    for (int i = 0; i < lanes; ++i) {
      float sum = 0;
      for (int k = 0; k < taps.count[x]; ++k)
        sum = std::fma(taps.real[x * taps.stride + k], static_cast<float>(samples[k * lanes + i]),
                       sum);
      *out++ = sum;
    }
  }
}

void pass_across(const uint8_t* columns, int planes, const PixelTaps& taps, uint8_t* out) {
  if (!is_done_by_avx2(columns, planes, taps, out)) plain_pass_across(columns, planes, taps, out);
}
void pass_across(const uint8_t* columns, int planes, const PixelTaps& taps, float* out) {
  if (!is_done_by_avx2(columns, planes, taps, out)) plain_pass_across(columns, planes, taps, out);
}

}  // namespace braid::processors
