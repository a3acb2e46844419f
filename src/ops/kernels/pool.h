// Pooling of pictures whose channels lie last, (B, H, W, C): a vector holds channels of one place.
#pragma once
#include "ops/kernels/kernels.h"
#include "ops/kernels/rows.h"
#include "ops/kernels/vec.h"

namespace braid::ops::BRAID_ISA {

typedef uint8_t ByteVec __attribute__((vector_size(kLanes)));

// The largest of four places and which one it is: 0 1 / 2 3. NaN wins, as in libtorch.
struct Largest {
  Vec value{}, place{};
  void see(Vec v, float number) {
    const IntVec wins = (v > value) | (v != v);
    value = wins ? v : value;
    place = wins ? all(number) : place;
  }
};

inline void max_pool_forward(const PoolSizes& s, const float* x, float* out, uint8_t* place,
                             int64_t begin, int64_t end) {
  const int64_t rows = s.height / 2, columns = s.width / 2, row = s.width * s.channels;
  for (int64_t i = begin * rows; i < end * rows; ++i) {
    const float* top = x + (i / rows * s.height + i % rows * 2) * row;
    for (int64_t j = 0; j < columns; ++j) {
      const float* at = top + 2 * j * s.channels;
      const int64_t to = (i * columns + j) * s.channels;
      const auto largest = [&](auto read) {
        Largest best;
        best.value = read(at);
        best.see(read(at + s.channels), 1);
        best.see(read(at + row), 2);
        best.see(read(at + row + s.channels), 3);
        return best;
      };
      over_row(
          s.channels,
          [&](int64_t d) {
            const Largest best = largest([d](const float* p) { return load(p + d); });
            store(out + to + d, best.value);
            const ByteVec bytes = __builtin_convertvector(best.place, ByteVec);
            __builtin_memcpy(place + to + d, &bytes, sizeof bytes);
          },
          [&](int64_t d, int64_t n) {
            const Largest best = largest([d, n](const float* p) { return load_part(p + d, n); });
            store_part(out + to + d, best.value, n);
            const ByteVec bytes = __builtin_convertvector(best.place, ByteVec);
            __builtin_memcpy(place + to + d, &bytes, static_cast<size_t>(n));
          });
    }
  }
}

// Writes all of grad_x: a place that is in no window, or lost in its own, gets 0.
inline void max_pool_backward(const PoolSizes& s, const float* grad_out, const uint8_t* place,
                              float* grad_x, int64_t begin, int64_t end) {
  const int64_t rows = s.height / 2, columns = s.width / 2, row = s.width * s.channels;
  __builtin_memset(grad_x + begin * s.height * row, 0,
                   static_cast<size_t>(4 * (end - begin) * s.height * row));
  for (int64_t i = begin * rows; i < end * rows; ++i) {
    float* top = grad_x + (i / rows * s.height + i % rows * 2) * row;
    for (int64_t j = 0; j < columns; ++j) {
      float* at = top + 2 * j * s.channels;
      float* const places[] = {at, at + s.channels, at + row, at + row + s.channels};
      const int64_t from = (i * columns + j) * s.channels;
      for (int number = 0; number < 4; ++number)
        for (int64_t d = 0; d < s.channels; d += kLanes) {
          const int64_t n = smaller(kLanes, s.channels - d);
          ByteVec bytes{};
          __builtin_memcpy(&bytes, place + from + d, static_cast<size_t>(n));
          const Vec which = __builtin_convertvector(bytes, Vec);
          const Vec g = load_part(grad_out + from + d, n);
          store_part(places[number] + d, which == all(static_cast<float>(number)) ? g : Vec{}, n);
        }
    }
  }
}

// f(first place, rows, columns, region) for each region of one picture: parts of equal size but for
// whole places, which may overlap, as in adaptive average pooling.
template <class Body>
inline void over_regions(const PoolSizes& s, const Body& body) {
  for (int64_t i = 0; i < s.regions; ++i) {
    const int64_t top = i * s.height / s.regions;
    const int64_t bottom = ((i + 1) * s.height + s.regions - 1) / s.regions;
    for (int64_t j = 0; j < s.regions; ++j) {
      const int64_t left = j * s.width / s.regions;
      const int64_t right = ((j + 1) * s.width + s.regions - 1) / s.regions;
      body(top * s.width + left, bottom - top, right - left, i * s.regions + j);
    }
  }
}

inline void region_mean_forward(const PoolSizes& s, const float* x, float* out, int64_t begin,
                                int64_t end) {
  for (int64_t b = begin; b < end; ++b)
    over_regions(s, [&](int64_t first, int64_t rows, int64_t columns, int64_t region) {
      const float* from = x + (b * s.height * s.width + first) * s.channels;
      float* to = out + (b * s.regions * s.regions + region) * s.channels;
      const float share = 1.0f / static_cast<float>(rows * columns);
      for (int64_t d = 0; d < s.channels; d += kLanes) {
        const int64_t n = smaller(kLanes, s.channels - d);
        Vec total{};
        for (int64_t t = 0; t < rows; ++t)
          for (int64_t u = 0; u < columns; ++u)
            total += load_part(from + (t * s.width + u) * s.channels + d, n);
        store_part(to + d, total * share, n);
      }
    });
}

inline void region_mean_backward(const PoolSizes& s, const float* grad_out, float* grad_x,
                                 int64_t begin, int64_t end) {
  const int64_t size = s.height * s.width * s.channels;
  __builtin_memset(grad_x + begin * size, 0, static_cast<size_t>(4 * (end - begin) * size));
  for (int64_t b = begin; b < end; ++b)
    over_regions(s, [&](int64_t first, int64_t rows, int64_t columns, int64_t region) {
      float* to = grad_x + b * size + first * s.channels;
      const float* from = grad_out + (b * s.regions * s.regions + region) * s.channels;
      const float share = 1.0f / static_cast<float>(rows * columns);
      for (int64_t d = 0; d < s.channels; d += kLanes) {
        const int64_t n = smaller(kLanes, s.channels - d);
        const Vec g = load_part(from + d, n) * share;
        for (int64_t t = 0; t < rows; ++t)
          for (int64_t u = 0; u < columns; ++u) {
            float* at = to + (t * s.width + u) * s.channels + d;
            store_part(at, load_part(at, n) + g, n);
          }
      }
    });
}

}  // namespace braid::ops::BRAID_ISA
