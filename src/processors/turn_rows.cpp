#include "processors/turn_rows.h"

#include "processors/pass_across.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace braid::processors {
namespace {

constexpr size_t kSide = kRowsAtOnce;

#if defined(__x86_64__)

__m128i load_8(const uint8_t* from) {
  return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
}
void store_halves(__m128i rows, uint8_t* first, uint8_t* second) {
  _mm_storel_epi64(reinterpret_cast<__m128i*>(first), rows);
  _mm_storel_epi64(reinterpret_cast<__m128i*>(second), _mm_unpackhi_epi64(rows, rows));
}

// The transpose of 8 x 8 bytes, in three rounds of interleaving. `from` gives the address of each
// row, `to` that of each row of the result.
template <class From, class To>
void transpose(From from, To to) {
  const __m128i a = _mm_unpacklo_epi8(load_8(from(0)), load_8(from(1)));
  const __m128i b = _mm_unpacklo_epi8(load_8(from(2)), load_8(from(3)));
  const __m128i c = _mm_unpacklo_epi8(load_8(from(4)), load_8(from(5)));
  const __m128i d = _mm_unpacklo_epi8(load_8(from(6)), load_8(from(7)));
  const __m128i ab_low = _mm_unpacklo_epi16(a, b), ab_high = _mm_unpackhi_epi16(a, b);
  const __m128i cd_low = _mm_unpacklo_epi16(c, d), cd_high = _mm_unpackhi_epi16(c, d);
  store_halves(_mm_unpacklo_epi32(ab_low, cd_low), to(0), to(1));
  store_halves(_mm_unpackhi_epi32(ab_low, cd_low), to(2), to(3));
  store_halves(_mm_unpacklo_epi32(ab_high, cd_high), to(4), to(5));
  store_halves(_mm_unpackhi_epi32(ab_high, cd_high), to(6), to(7));
}

#else

template <class From, class To>
void transpose(From from, To to) {
  for (size_t r = 0; r < kSide; ++r)
    for (size_t i = 0; i < kSide; ++i) to(i)[r] = from(r)[i];
}

#endif

}  // namespace

void turn_rows(const uint8_t* const* rows, size_t size, uint8_t* columns) {
  size_t i = 0;
  for (; i + kSide <= size; i += kSide)
    transpose([=](size_t r) { return rows[r] + i; },
              [=](size_t r) { return columns + (i + r) * kSide; });
  for (; i < size; ++i)
    for (size_t r = 0; r < kSide; ++r) columns[i * kSide + r] = rows[r][i];
}

void turn_back(const uint8_t* columns, size_t width, int planes, uint8_t* rows) {
  const size_t step = planes * kSide, row_samples = planes * width;
  for (int c = 0; c < planes; ++c, columns += kSide, rows += width) {
    size_t x = 0;
    for (; x + kSide <= width; x += kSide)
      transpose([=](size_t i) { return columns + (x + i) * step; },
                [=](size_t r) { return rows + r * row_samples + x; });
    for (; x < width; ++x)
      for (size_t r = 0; r < kSide; ++r) rows[r * row_samples + x] = columns[x * step + r];
  }
}

void turn_back(const float* columns, size_t width, int planes, float* rows) {
  const size_t step = planes * kSide, row_samples = planes * width;
  for (int c = 0; c < planes; ++c, columns += kSide, rows += width)
    for (size_t r = 0; r < kSide; ++r)
      for (size_t x = 0; x < width; ++x) rows[r * row_samples + x] = columns[x * step + r];
}

}  // namespace braid::processors
