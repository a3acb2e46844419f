// The weighted average of the modalities' outputs, and its gradients: a row is one sample.
#pragma once
#include "ops/kernels/kernels.h"
#include "ops/kernels/rows.h"
#include "ops/kernels/vec.h"

namespace braid::ops::BRAID_ISA {

constexpr float kLeast = static_cast<float>(kLeastProbability);

// to[d] = f(read) for every vector of a row, where read(p) is that vector of another row.
template <class F>
inline void write_row(int64_t width, float* to, const F& f) {
  over_row(
      width, [&](int64_t d) { store(to + d, f([&](const float* p) { return load(p + d); })); },
      [&](int64_t d, int64_t n) {
        store_part(to + d, f([&](const float* p) { return load_part(p + d, n); }), n);
      });
}

// The sum of f(read) over a row; f(zeros) must be 0, which stands past the end.
template <class F>
inline float sum_row(int64_t width, const F& f) {
  Vec total{};
  over_row(
      width, [&](int64_t d) { total += f([&](const float* p) { return load(p + d); }); },
      [&](int64_t d, int64_t n) {
        total += f([&](const float* p) { return load_part(p + d, n); });
      });
  return sum(total);
}

inline bool has_any(int64_t size, const bool* present) {
  for (int64_t m = 0; m < size; ++m)
    if (present[m]) return true;
  return false;
}

// softmax of the numbers over the modalities that count, or equal weights.
inline void weigh(int64_t size, const float* numbers, const bool* present, float* weights) {
  const bool is_all = !has_any(size, present);
  float peak = -__builtin_inff(), total = 0;
  for (int64_t m = 0; m < size && numbers != nullptr; ++m)
    if ((is_all || present[m]) && !(numbers[m] <= peak)) peak = numbers[m];
  for (int64_t m = 0; m < size; ++m) {
    const bool counts = is_all || present[m];
    weights[m] = !counts ? 0.0f : numbers == nullptr ? 1.0f : __builtin_expf(numbers[m] - peak);
    total += weights[m];
  }
  for (int64_t m = 0; m < size; ++m) weights[m] /= total;
}

inline void softmax_row(int64_t width, bool is_logarithm, const float* x, float* to) {
  float peak = x[0];
  for (int64_t k = 1; k < width; ++k) peak = x[k] > peak ? x[k] : peak;
  write_row(width, to, [&](const auto& read) { return exp(read(x) - peak); });
  const float total = sum_row(width, [&](const auto& read) { return read(to); });
  const float log_total = peak + __builtin_logf(total), inverse = 1.0f / total;
  if (is_logarithm)
    write_row(width, to, [&](const auto& read) { return read(x) - log_total; });
  else
    write_row(width, to, [&](const auto& read) { return read(to) * inverse; });
}

inline void averaged_row(AverageOf of, int64_t width, const float* x, float* to) {
  if (of == AverageOf::log_softmax || of == AverageOf::softmax)
    softmax_row(width, of == AverageOf::log_softmax, x, to);
  else if (of == AverageOf::sigmoid)
    write_row(width, to, [&](const auto& read) {
      const Vec v = read(x);
      const Vec small = exp(v < Vec{} ? v : -v);  // never above 1
      return (v < Vec{} ? small : all(1.0f)) / (1.0f + small);
    });
  else
    write_row(width, to, [&](const auto& read) { return read(x); });
}

// Back from the mean to outputs, in place.
inline void output_row(AverageOf of, int64_t width, float* mean) {
  if (of == AverageOf::softmax)
    for (int64_t k = 0; k < width; ++k) mean[k] = __builtin_logf(mean[k] + kLeast);
  if (of == AverageOf::sigmoid)
    for (int64_t k = 0; k < width; ++k)
      mean[k] = __builtin_logf(mean[k] + kLeast) - __builtin_logf(1.0f - mean[k] + kLeast);
}

template <class Read>
inline Vec mean_of(const AverageSizes& sizes, const float* weights, const float* averaged,
                   const Read& read) {
  Vec mean{};
  for (int64_t m = 0; m < sizes.num_modalities; ++m)
    mean += weights[m] * read(averaged + m * sizes.num_outputs);
  return mean;
}

inline void weighted_average_forward(const AverageSizes& sizes, const float* outputs,
                                     const bool* present, const float* numbers, float* averaged,
                                     float* weights, float* out, int64_t begin, int64_t end) {
  const int64_t M = sizes.num_modalities, O = sizes.num_outputs;
  for (int64_t i = begin; i < end; ++i) {
    const bool* here = present + i * M;
    float *w = weights + i * M, *rows = averaged + i * M * O, *to = out + i * O;
    weigh(M, numbers, here, w);
    const bool is_all = !has_any(M, here);
    for (int64_t m = 0; m < M; ++m)
      if (is_all || here[m])
        averaged_row(sizes.of, O, outputs + (i * M + m) * O, rows + m * O);
      else
        __builtin_memset(rows + m * O, 0, static_cast<size_t>(4 * O));
    write_row(O, to, [&](const auto& read) { return mean_of(sizes, w, rows, read); });
    output_row(sizes.of, O, to);
  }
}

// The gradient of the mean: that of the output through the way back from the mean to outputs.
inline void mean_backward(const AverageSizes& sizes, const float* weights, const float* averaged,
                          const float* grad_out, float* to) {
  write_row(sizes.num_outputs, to, [&](const auto& read) {
    const Vec grad = read(grad_out);
    if (sizes.of != AverageOf::softmax && sizes.of != AverageOf::sigmoid) return grad;
    const Vec mean = mean_of(sizes, weights, averaged, read);
    const Vec slope = 1.0f / (mean + kLeast);
    return grad * (sizes.of == AverageOf::softmax ? slope : slope + 1.0f / (1.0f - mean + kLeast));
  });
}

// The gradient of one modality's outputs; `total` is the sum of grad_mean, `dot` that of its
// products with `averaged`.
inline void outputs_backward(AverageOf of, int64_t width, float weight, const float* averaged,
                             const float* grad_mean, float total, float dot, float* to) {
  if (weight == 0) {  // exactly, even where a gradient is not finite
    __builtin_memset(to, 0, static_cast<size_t>(4 * width));
    return;
  }
  write_row(width, to, [&](const auto& read) {
    const Vec grad = weight * read(grad_mean), p = read(averaged);
    switch (of) {
      case AverageOf::log_softmax:
        return grad - exp(p) * (weight * total);
      case AverageOf::softmax:
        return p * (grad - weight * dot);
      case AverageOf::sigmoid:
        return grad * p * (1.0f - p);
      default:
        return grad;
    }
  });
}

inline void weighted_average_backward(const AverageSizes& sizes, const float* averaged,
                                      const float* weights, const float* grad_out,
                                      float* grad_outputs, float* grad_weights, int64_t begin,
                                      int64_t end) {
  const int64_t M = sizes.num_modalities, O = sizes.num_outputs;
  for (int64_t i = begin; i < end; ++i) {
    const float *rows = averaged + i * M * O, *w = weights + i * M;
    float* to = grad_outputs + i * M * O;
    // The mean's gradient stands in the first modality's place until its own turn, the last.
    float* grad_mean = to;
    mean_backward(sizes, w, rows, grad_out + i * O, grad_mean);
    const float total = sum_row(O, [&](const auto& read) { return read(grad_mean); });
    for (int64_t m = M - 1; m >= 0; --m) {
      const float* own = rows + m * O;
      const float dot = sum_row(O, [&](const auto& read) { return read(grad_mean) * read(own); });
      grad_weights[i * M + m] = dot;
      outputs_backward(sizes.of, O, w[m], own, grad_mean, total, dot, to + m * O);
    }
  }
}

}  // namespace braid::ops::BRAID_ISA
