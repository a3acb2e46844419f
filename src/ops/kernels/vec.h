// Vectors of floats as wide as the file's instruction set, and the mathematics on them. Included by
// the kernels alone, each compiled once per instruction set; no inline function of the standard
// library may be used here, or the linker could give another file a copy this processor lacks.
#pragma once
#include <cstddef>
#include <cstdint>

namespace braid::ops::BRAID_ISA {

#if defined(__AVX512F__)
constexpr int64_t kLanes = 16;
constexpr int kTileSums = 24;  // of 32 registers
#elif defined(__AVX2__)
constexpr int64_t kLanes = 8;
constexpr int kTileSums = 12;  // of 16
#else
constexpr int64_t kLanes = 4;
constexpr int kTileSums = 8;
#endif

typedef float Vec __attribute__((vector_size(4 * kLanes)));
typedef int32_t IntVec __attribute__((vector_size(4 * kLanes)));
typedef uint32_t BitVec __attribute__((vector_size(4 * kLanes)));

// A number that templates can see.
template <int N>
struct Number {
  static constexpr int value = N;
};

inline int64_t padded(int64_t size) { return (size + kLanes - 1) / kLanes * kLanes; }
inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

inline Vec load(const float* p) {
  Vec v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
inline void store(float* p, Vec v) { __builtin_memcpy(p, &v, sizeof v); }
inline Vec all(float x) { return x - Vec{}; }

// The first `size` lanes; the rest 0.
inline Vec load_part(const float* p, int64_t size) {
  Vec v{};
  __builtin_memcpy(&v, p, static_cast<size_t>(4 * size));
  return v;
}
inline void store_part(float* p, Vec v, int64_t size) {
  __builtin_memcpy(p, &v, static_cast<size_t>(4 * size));
}

// bfloat16: the upper half of a float, rounded to even; NaN stays NaN.
typedef uint16_t HalfVec __attribute__((vector_size(2 * kLanes)));

inline HalfVec rounded(Vec x) {
  BitVec bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  const BitVec up = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  return __builtin_convertvector(x == x ? up : (bits >> 16) | 0x40u, HalfVec);
}
inline Vec as_floats(BitVec bits) {
  Vec x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}
inline Vec widened(HalfVec half) { return as_floats(__builtin_convertvector(half, BitVec) << 16); }
inline Vec load(const uint16_t* p) {
  HalfVec half;
  __builtin_memcpy(&half, p, sizeof half);
  return widened(half);
}
inline Vec load_part(const uint16_t* p, int64_t size) {
  HalfVec half{};
  __builtin_memcpy(&half, p, static_cast<size_t>(2 * size));
  return widened(half);
}
inline void store(uint16_t* p, Vec v) {
  const HalfVec half = rounded(v);
  __builtin_memcpy(p, &half, sizeof half);
}
inline void store_part(uint16_t* p, Vec v, int64_t size) {
  const HalfVec half = rounded(v);
  __builtin_memcpy(p, &half, static_cast<size_t>(2 * size));
}

// The first argument where the two do not compare, so that NaN stays NaN.
inline Vec max(Vec a, Vec b) { return a < b ? b : a; }
inline Vec min(Vec a, Vec b) { return b < a ? b : a; }

// e^x, 1 ulp or so, for x <= 88: 2^n times a polynomial (Cephes expf) on [-ln 2 / 2, ln 2 / 2];
// exactly 0 below -87.
inline Vec exp(Vec x) {
  const Vec shifted = x * 1.44269504f + 12582912.0f;  // adding 1.5 * 2^23 rounds to a whole n
  const Vec n = shifted - 12582912.0f;
  Vec r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  Vec p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // The last bits of `shifted` are n in two's complement; shifting drops the rest.
  IntVec power;
  __builtin_memcpy(&power, &shifted, sizeof power);
  power = (power + 127) << 23;
  Vec scale;
  __builtin_memcpy(&scale, &power, sizeof scale);
  return x < all(-87.3f) ? Vec{} : p * scale;
}

// erf, absolute error under 2e-7 (Abramowitz and Stegun 7.1.26), e^(-x^2) handed out as well.
inline Vec erf(Vec x, Vec* exp_of_minus_square) {
  const Vec size = x < Vec{} ? -x : x;
  const Vec t = 1.0f / (1.0f + 0.3275911f * size);
  Vec p = t * 1.061405429f - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  *exp_of_minus_square = exp(-x * x);
  const Vec y = 1.0f - p * t * *exp_of_minus_square;
  return x < Vec{} ? -y : y;
}

// Scrambles counters into random bits (the finaliser of MurmurHash3): every lane on its own.
inline BitVec scramble(BitVec h) {
  h ^= h >> 16;
  h *= 0x85ebca6bu;
  h ^= h >> 13;
  h *= 0xc2b2ae35u;
  return h ^ (h >> 16);
}

// Every second lane of the two side by side, and the two in turn lane by lane.
#if defined(__AVX512F__)
#define BRAID_LANES(f)                                                                           \
  f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11), f(12), f(13), f(14), \
      f(15)
#elif defined(__AVX2__)
#define BRAID_LANES(f) f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7)
#else
#define BRAID_LANES(f) f(0), f(1), f(2), f(3)
#endif
#define BRAID_EVEN(i) 2 * (i)
#define BRAID_ODD(i) 2 * (i) + 1
#define BRAID_LOW(i) (i) / 2 + (i) % 2 * kLanes
#define BRAID_HIGH(i) kLanes / 2 + (i) / 2 + (i) % 2 * kLanes

inline Vec add_neighbours(Vec a, Vec b) {
  return __builtin_shufflevector(a, b, BRAID_LANES(BRAID_EVEN)) +
         __builtin_shufflevector(a, b, BRAID_LANES(BRAID_ODD));
}
inline Vec interleave_low(Vec a, Vec b) {
  return __builtin_shufflevector(a, b, BRAID_LANES(BRAID_LOW));
}
inline Vec interleave_high(Vec a, Vec b) {
  return __builtin_shufflevector(a, b, BRAID_LANES(BRAID_HIGH));
}

// The lanes moved on by a number, so that a vector meets itself.
#define BRAID_BY_8(i) ((i) + 8) % kLanes
#define BRAID_BY_4(i) ((i) + 4) % kLanes
#define BRAID_BY_2(i) ((i) + 2) % kLanes
#define BRAID_BY_1(i) ((i) + 1) % kLanes

template <class Combine>
inline float over_lanes(Vec v, const Combine& combine) {
  if constexpr (kLanes > 8) v = combine(v, __builtin_shufflevector(v, v, BRAID_LANES(BRAID_BY_8)));
  if constexpr (kLanes > 4) v = combine(v, __builtin_shufflevector(v, v, BRAID_LANES(BRAID_BY_4)));
  v = combine(v, __builtin_shufflevector(v, v, BRAID_LANES(BRAID_BY_2)));
  return combine(v, __builtin_shufflevector(v, v, BRAID_LANES(BRAID_BY_1)))[0];
}
inline float sum(Vec v) {
  return over_lanes(v, [](Vec a, Vec b) { return a + b; });
}
inline float max(Vec v) {
  return over_lanes(v, [](Vec a, Vec b) { return max(a, b); });
}

// The sums of kLanes vectors as one vector.
inline Vec sums(const Vec* v) {
  Vec pairs[kLanes / 2];
  for (int i = 0; i < kLanes / 2; ++i) pairs[i] = add_neighbours(v[2 * i], v[2 * i + 1]);
  for (int64_t count = kLanes / 4; count > 0; count /= 2)
    for (int64_t i = 0; i < count; ++i) pairs[i] = add_neighbours(pairs[2 * i], pairs[2 * i + 1]);
  return pairs[0];
}

// to (columns, rows) = from (rows, columns) transposed. Squares of kLanes by perfect shuffles:
// interleaving the first half of the vectors with the second, log2(kLanes) times.
inline void transpose(int64_t rows, int64_t columns, const float* from, int64_t from_row, float* to,
                      int64_t to_row) {
  int64_t t = 0;
  for (; t + kLanes <= rows; t += kLanes) {
    int64_t d = 0;
    for (; d + kLanes <= columns; d += kLanes) {
      Vec square[kLanes], shuffled[kLanes];
      for (int64_t i = 0; i < kLanes; ++i) square[i] = load(from + (t + i) * from_row + d);
      for (int64_t step = 1; step < kLanes; step *= 2) {
        for (int64_t i = 0; i < kLanes / 2; ++i) {
          shuffled[2 * i] = interleave_low(square[i], square[i + kLanes / 2]);
          shuffled[2 * i + 1] = interleave_high(square[i], square[i + kLanes / 2]);
        }
        for (int64_t i = 0; i < kLanes; ++i) square[i] = shuffled[i];
      }
      for (int64_t i = 0; i < kLanes; ++i) store(to + (d + i) * to_row + t, square[i]);
    }
    for (; d < columns; ++d)
      for (int64_t i = t; i < t + kLanes; ++i) to[d * to_row + i] = from[i * from_row + d];
  }
  for (; t < rows; ++t)
    for (int64_t d = 0; d < columns; ++d) to[d * to_row + t] = from[t * from_row + d];
}

// c = start + a b on a tile of Rows x (Vectors * kLanes): a(i, k) = a[i * row + k * column]. The
// sums start from c itself (Start::sum), from 0, or from one row for all, at `first`.
enum class Start { sum, zero, row };

template <Start kStart, int Rows, int Vectors>
inline void multiply_tile(int64_t depth, const float* a, int64_t row, int64_t column,
                          const float* b, int64_t b_row, const float* first, float* c,
                          int64_t c_row) {
  Vec sums[Rows][Vectors];
  for (int i = 0; i < Rows; ++i)
    for (int j = 0; j < Vectors; ++j)
      sums[i][j] = kStart == Start::sum    ? load(c + i * c_row + j * kLanes)
                   : kStart == Start::zero ? Vec{}
                                           : load(first + j * kLanes);
  for (int64_t k = 0; k < depth; ++k) {
    Vec right[Vectors];
    for (int j = 0; j < Vectors; ++j) right[j] = load(b + k * b_row + j * kLanes);
    for (int i = 0; i < Rows; ++i) {
      const Vec left = all(a[i * row + k * column]);
      for (int j = 0; j < Vectors; ++j) sums[i][j] += left * right[j];
    }
  }
  for (int i = 0; i < Rows; ++i)
    for (int j = 0; j < Vectors; ++j) store(c + i * c_row + j * kLanes, sums[i][j]);
}

template <Start kStart, int Rows, int Vectors>
inline void multiply_rows(int64_t rows, int64_t depth, const float* a, int64_t row, int64_t column,
                          const float* b, int64_t b_row, const float* first, float* c,
                          int64_t c_row) {
  int64_t i = 0;
  for (; i + Rows <= rows; i += Rows)
    multiply_tile<kStart, Rows, Vectors>(depth, a + i * row, row, column, b, b_row, first,
                                         c + i * c_row, c_row);
  if constexpr (Rows > 1)
    if (i < rows)
      multiply_rows<kStart, Rows / 2, Vectors>(rows - i, depth, a + i * row, row, column, b, b_row,
                                               first, c + i * c_row, c_row);
}

// c = start + a b for small matrices. b (depth, columns) and c (rows, columns) lie row by row,
// `columns` a multiple of kLanes; a may be read transposed.
template <Start kStart>
inline void multiply(int64_t rows, int64_t columns, int64_t depth, const float* a, int64_t row,
                     int64_t column, const float* b, int64_t b_row, const float* first, float* c,
                     int64_t c_row) {
  int64_t j = 0;
  const auto strip = [&](auto vectors) {
    constexpr int kVectors = decltype(vectors)::value;
    constexpr int kRows = kTileSums / kVectors < 12 ? kTileSums / kVectors : 12;
    multiply_rows<kStart, kRows, kVectors>(rows, depth, a, row, column, b + j, b_row,
                                           kStart == Start::row ? first + j : nullptr, c + j,
                                           c_row);
    j += kVectors * kLanes;
  };
  while (j < columns) {
    const int64_t left = (columns - j) / kLanes;
    // As many vectors as the registers hold, but not so that a single one is left.
    if constexpr (kTileSums >= 24) {
      if (left == 4 || left > 5) {
        strip(Number<4>());
        continue;
      }
      if (left == 3 || left == 5) {
        strip(Number<3>());
        continue;
      }
    }
    if (left >= 2)
      strip(Number<2>());
    else
      strip(Number<1>());
  }
}

}  // namespace braid::ops::BRAID_ISA
