// Group norm and relu of pictures whose channels lie last, (B, H, W, C): a vector holds channels of
// one place.
#pragma once
#include "ops/kernels/kernels.h"
#include "ops/kernels/vec.h"

namespace braid::ops::BRAID_ISA {

// The sum of f(offset of the place) over the real rows' places, in four sums that do not wait for
// each other.
template <class Value>
inline Vec over_places(const GroupNormSizes& s, const bool* real, const Value& value) {
  Vec sums[4]{};
  for (int64_t h = 0; h < s.height; ++h) {
    if (real != nullptr && !real[h]) continue;
    const int64_t row = h * s.width * s.channels;
    int64_t w = 0;
    for (; w + 4 <= s.width; w += 4)
      for (int64_t k = 0; k < 4; ++k) sums[k] += value(row + (w + k) * s.channels);
    for (; w < s.width; ++w) sums[0] += value(row + w * s.channels);
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

inline int64_t count_real(const GroupNormSizes& s, const bool* real) {
  if (real == nullptr) return s.height * s.width;
  int64_t rows = 0;
  for (int64_t h = 0; h < s.height; ++h) rows += real[h] ? 1 : 0;
  return rows * s.width;
}

// Of every group the sum of its channels' values, times `factor`, back to each of its channels.
inline void share_in_groups(const GroupNormSizes& s, float factor, float* values) {
  const int64_t size = s.channels / s.groups;
  for (int64_t g = 0; g < s.groups; ++g) {
    float total = 0;
    for (int64_t c = g * size; c < (g + 1) * size; ++c) total += values[c];
    for (int64_t c = g * size; c < (g + 1) * size; ++c) values[c] = total * factor;
  }
}

// f(load, store, d) for each vector of channels: whole ones, and a part at the end.
template <class Body>
inline void over_channels(int64_t channels, const Body& body) {
  int64_t d = 0;
  for (; d + kLanes <= channels; d += kLanes)
    body([](const float* p) { return load(p); }, [](float* p, Vec v) { store(p, v); }, d);
  if (d < channels) {
    const int64_t n = channels - d;
    body([n](const float* p) { return load_part(p, n); },
         [n](float* p, Vec v) { store_part(p, v, n); }, d);
  }
}

// write(offset) at every place of a real row, zeros in the others.
template <class Write, class Clear>
inline void write_places(const GroupNormSizes& s, const bool* real, const Write& write,
                         const Clear& clear) {
  for (int64_t h = 0; h < s.height; ++h) {
    const int64_t row = h * s.width * s.channels;
    if (real != nullptr && !real[h])
      for (int64_t w = 0; w < s.width; ++w) clear(row + w * s.channels);
    else
      for (int64_t w = 0; w < s.width; ++w) write(row + w * s.channels);
  }
}

inline void group_norm_relu_forward(const GroupNormSizes& s, const float* x, const bool* real,
                                    const float* weight, const float* bias, float* out, float* mean,
                                    float* rstd, float* scratch, int64_t begin, int64_t end) {
  const int64_t size = s.channels / s.groups, all_of = s.height * s.width * s.channels;
  float *centers = scratch, *scales = scratch + s.channels;
  for (int64_t b = begin; b < end; ++b) {
    const float* from = x + b * all_of;
    float* to = out + b * all_of;
    const bool* rows = real == nullptr ? nullptr : real + b * s.height;
    const int64_t places = count_real(s, rows);
    const float inverse = 1.0f / static_cast<float>(places > 0 ? places * size : 1);
    over_channels(s.channels, [&](auto read, auto write, int64_t d) {
      write(centers + d, over_places(s, rows, [&](int64_t at) { return read(from + at + d); }));
    });
    share_in_groups(s, inverse, centers);
    // Squares of differences rather than a difference of squares, which cancels.
    over_channels(s.channels, [&](auto read, auto write, int64_t d) {
      const Vec center = read(centers + d);
      write(scales + d, over_places(s, rows, [&](int64_t at) {
              const Vec v = read(from + at + d) - center;
              return v * v;
            }));
    });
    share_in_groups(s, inverse, scales);
    for (int64_t c = 0; c < s.channels; ++c)
      scales[c] = 1.0f / __builtin_sqrtf(scales[c] + s.epsilon);
    for (int64_t g = 0; g < s.groups; ++g) {
      mean[b * s.groups + g] = centers[g * size];
      rstd[b * s.groups + g] = scales[g * size];
    }
    over_channels(s.channels, [&](auto read, auto write, int64_t d) {
      const Vec scale = read(scales + d) * read(weight + d),
                shift = read(bias + d) - read(centers + d) * scale;
      write_places(
          s, rows,
          [&](int64_t at) { write(to + at + d, max(read(from + at + d) * scale + shift, Vec{})); },
          [&](int64_t at) { write(to + at + d, Vec{}); });
    });
  }
}

// grad_weight and grad_bias are added to; scratch holds two values a channel.
inline void group_norm_relu_backward(const GroupNormSizes& s, const float* x, const float* out,
                                     const bool* real, const float* weight, const float* mean,
                                     const float* rstd, const float* grad_out, float* grad_x,
                                     float* grad_weight, float* grad_bias, float* scratch,
                                     int64_t begin, int64_t end) {
  const int64_t size = s.channels / s.groups, all_of = s.height * s.width * s.channels;
  float *of_normed = scratch, *of_grad = scratch + s.channels;
  for (int64_t b = begin; b < end; ++b) {
    const float *from = x + b * all_of, *made = out + b * all_of, *grad = grad_out + b * all_of;
    float* to = grad_x + b * all_of;
    const bool* rows = real == nullptr ? nullptr : real + b * s.height;
    const int64_t places = count_real(s, rows);
    const float inverse = 1.0f / static_cast<float>(places > 0 ? places * size : 1);
    const auto center_of = [&](int64_t c) { return mean[b * s.groups + c / size]; };
    const auto scale_of = [&](int64_t c) { return rstd[b * s.groups + c / size]; };
    const auto spread = [&](auto value, int64_t d) {
      Vec v{};
      for (int64_t i = 0; i < smaller(kLanes, s.channels - d); ++i) v[i] = value(d + i);
      return v;
    };
    over_channels(s.channels, [&](auto read, auto write, int64_t d) {
      const Vec center = spread(center_of, d), scale = spread(scale_of, d);
      const auto active = [&](int64_t at) {
        return read(made + at + d) > Vec{} ? read(grad + at + d) : Vec{};
      };
      const Vec sum_grad = over_places(s, rows, active);
      const Vec sum_normed = over_places(s, rows, [&](int64_t at) {
        return active(at) * ((read(from + at + d) - center) * scale);
      });
      write(grad_weight + d, read(grad_weight + d) + sum_normed);
      write(grad_bias + d, read(grad_bias + d) + sum_grad);
      write(of_normed + d, sum_normed * read(weight + d));
      write(of_grad + d, sum_grad * read(weight + d));
    });
    share_in_groups(s, inverse, of_normed);
    share_in_groups(s, inverse, of_grad);
    over_channels(s.channels, [&](auto read, auto write, int64_t d) {
      const Vec center = spread(center_of, d), scale = spread(scale_of, d), w = read(weight + d);
      const Vec mean_grad = read(of_grad + d), mean_normed = read(of_normed + d);
      write_places(
          s, rows,
          [&](int64_t at) {
            const Vec g = read(made + at + d) > Vec{} ? read(grad + at + d) : Vec{};
            const Vec normed = (read(from + at + d) - center) * scale;
            write(to + at + d, (g * w - mean_grad - normed * mean_normed) * scale);
          },
          [&](int64_t at) { write(to + at + d, Vec{}); });
    });
  }
}

}  // namespace braid::ops::BRAID_ISA
