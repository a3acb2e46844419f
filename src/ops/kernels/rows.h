// Layer norm, activations and their gradients: one pass over the rows each.
#pragma once
#include "ops/kernels/kernels.h"
#include "ops/kernels/vec.h"

namespace braid::ops::BRAID_ISA {

// f(d, part) for each vector of a row, f(d, size) for what is left of it.
template <class Whole, class Part>
inline void over_row(int64_t width, const Whole& whole, const Part& part) {
  int64_t d = 0;
  for (; d + kLanes <= width; d += kLanes) whole(d);
  if (d < width) part(d, width - d);
}

inline void layer_norm_forward(int64_t width, float epsilon, const float* x, const float* residual,
                               const float* weight, const float* bias, float* sum_out, float* out,
                               float* mean, float* rstd, int64_t begin, int64_t end) {
  const float inverse = 1.0f / static_cast<float>(width);
  for (int64_t i = begin; i < end; ++i) {
    const float* row = x + i * width;
    if (residual != nullptr) {
      const float* other = residual + i * width;
      float* both = sum_out + i * width;
      over_row(
          width, [&](int64_t d) { store(both + d, load(row + d) + load(other + d)); },
          [&](int64_t d, int64_t n) {
            store_part(both + d, load_part(row + d, n) + load_part(other + d, n), n);
          });
      row = both;
    }
    Vec total{};
    over_row(
        width, [&](int64_t d) { total += load(row + d); },
        [&](int64_t d, int64_t n) { total += load_part(row + d, n); });
    const float center = sum(total) * inverse;
    // Squares of differences rather than a difference of squares, which cancels.
    Vec squares{};
    float tail = 0;
    over_row(
        width,
        [&](int64_t d) {
          const Vec v = load(row + d) - center;
          squares += v * v;
        },
        [&](int64_t d, int64_t n) {
          for (int64_t k = d; k < d + n; ++k) tail += (row[k] - center) * (row[k] - center);
        });
    const float scale = 1.0f / __builtin_sqrtf((sum(squares) + tail) * inverse + epsilon);
    float* to = out + i * width;
    over_row(
        width,
        [&](int64_t d) {
          store(to + d, (load(row + d) - center) * scale * load(weight + d) + load(bias + d));
        },
        [&](int64_t d, int64_t n) {
          const Vec v = (load_part(row + d, n) - center) * scale;
          store_part(to + d, v * load_part(weight + d, n) + load_part(bias + d, n), n);
        });
    mean[i] = center;
    rstd[i] = scale;
  }
}

inline void layer_norm_backward(int64_t width, const float* x, const float* weight,
                                const float* mean, const float* rstd, const float* grad_out,
                                const float* grad_sum, float* grad_x, float* grad_weight,
                                float* grad_bias, int64_t begin, int64_t end) {
  const float inverse = 1.0f / static_cast<float>(width);
  for (int64_t i = begin; i < end; ++i) {
    const float* row = x + i * width;
    const float* grad = grad_out + i * width;
    const float center = mean[i], scale = rstd[i];
    Vec sum_grad{}, sum_grad_x{};
    const auto gather = [&](Vec g, Vec value, Vec w, Vec* to_weight, Vec* to_bias) {
      const Vec normed = (value - center) * scale;
      *to_weight += g * normed;
      *to_bias += g;
      sum_grad += g * w;
      sum_grad_x += g * w * normed;
    };
    over_row(
        width,
        [&](int64_t d) {
          Vec to_weight = load(grad_weight + d), to_bias = load(grad_bias + d);
          gather(load(grad + d), load(row + d), load(weight + d), &to_weight, &to_bias);
          store(grad_weight + d, to_weight);
          store(grad_bias + d, to_bias);
        },
        [&](int64_t d, int64_t n) {
          Vec to_weight = load_part(grad_weight + d, n), to_bias = load_part(grad_bias + d, n);
          gather(load_part(grad + d, n), load_part(row + d, n), load_part(weight + d, n),
                 &to_weight, &to_bias);
          store_part(grad_weight + d, to_weight, n);
          store_part(grad_bias + d, to_bias, n);
        });
    const float mean_grad = sum(sum_grad) * inverse, mean_grad_x = sum(sum_grad_x) * inverse;
    const auto result = [&](Vec g, Vec value, Vec w) {
      const Vec normed = (value - center) * scale;
      return (g * w - mean_grad - normed * mean_grad_x) * scale;
    };
    const float* more = grad_sum == nullptr ? nullptr : grad_sum + i * width;
    float* to = grad_x + i * width;
    over_row(
        width,
        [&](int64_t d) {
          const Vec g = result(load(grad + d), load(row + d), load(weight + d));
          store(to + d, more == nullptr ? g : g + load(more + d));
        },
        [&](int64_t d, int64_t n) {
          const Vec g =
              result(load_part(grad + d, n), load_part(row + d, n), load_part(weight + d, n));
          store_part(to + d, more == nullptr ? g : g + load_part(more + d, n), n);
        });
  }
}

inline Vec gelu(Vec x, Vec* derivative) {
  Vec density;  // of the normal distribution, times sqrt(2 pi)
  const Vec half = 0.5f * (1.0f + erf(x * 0.70710678f, &density));
  *derivative = half + x * density * 0.39894228f;
  return x * half;
}

template <class Out, class Saved>
inline void gelu_rows(const float* x, Out* out, Saved* saved, int64_t begin, int64_t end) {
  Vec derivative;
  over_row(
      end - begin,
      [&](int64_t d) {
        store(out + begin + d, gelu(load(x + begin + d), &derivative));
        store(saved + begin + d, derivative);
      },
      [&](int64_t d, int64_t n) {
        store_part(out + begin + d, gelu(load_part(x + begin + d, n), &derivative), n);
        store_part(saved + begin + d, derivative, n);
      });
}

inline void gelu_forward(float* x, float* out, int64_t begin, int64_t end) {
  gelu_rows(x, out, x, begin, end);
}

inline void gelu_forward_bf16(const float* x, uint16_t* out, uint16_t* derivative, int64_t begin,
                              int64_t end) {
  gelu_rows(x, out, derivative, begin, end);
}

inline void round_to_bf16(const float* x, uint16_t* out, int64_t begin, int64_t end) {
  over_row(
      end - begin, [&](int64_t d) { store(out + begin + d, load(x + begin + d)); },
      [&](int64_t d, int64_t n) { store_part(out + begin + d, load_part(x + begin + d, n), n); });
}

// NaN stays NaN.
inline void relu_forward(float* x, int64_t begin, int64_t end) {
  over_row(
      end - begin, [&](int64_t d) { store(x + begin + d, max(load(x + begin + d), Vec{})); },
      [&](int64_t d, int64_t n) {
        store_part(x + begin + d, max(load_part(x + begin + d, n), Vec{}), n);
      });
}

// grad_x = derivative(saved) grad_out, grad_bias += grad_x; each number in its own format.
template <class Saved, class Grad, class Result, class Derivative>
inline void activation_backward(int64_t width, const Saved* saved, const Grad* grad_out,
                                Result* grad_x, float* grad_bias, int64_t begin, int64_t end,
                                const Derivative& derivative) {
  for (int64_t i = begin; i < end; ++i) {
    const Saved* in = saved + i * width;
    const Grad* grad = grad_out + i * width;
    Result* to = grad_x + i * width;
    over_row(
        width,
        [&](int64_t d) {
          const Vec g = load(grad + d) * derivative(load(in + d));
          store(to + d, g);
          store(grad_bias + d, load(grad_bias + d) + g);
        },
        [&](int64_t d, int64_t n) {
          const Vec g = load_part(grad + d, n) * derivative(load_part(in + d, n));
          store_part(to + d, g, n);
          store_part(grad_bias + d, load_part(grad_bias + d, n) + g, n);
        });
  }
}

inline void gelu_backward_bf16(int64_t width, const uint16_t* saved, const uint16_t* grad_out,
                               uint16_t* grad_x, float* grad_bias, int64_t begin, int64_t end) {
  activation_backward(width, saved, grad_out, grad_x, grad_bias, begin, end,
                      [](Vec derivative) { return derivative; });
}

inline void round_with_bias_backward(int64_t width, const float* grad_out, uint16_t* grad_x,
                                     float* grad_bias, int64_t begin, int64_t end) {
  activation_backward(width, grad_out, grad_out, grad_x, grad_bias, begin, end,
                      [](Vec) { return all(1.0f); });
}

inline void gelu_backward(int64_t width, const float* saved, const float* grad_out, float* grad_x,
                          float* grad_bias, int64_t begin, int64_t end) {
  activation_backward(width, saved, grad_out, grad_x, grad_bias, begin, end,
                      [](Vec derivative) { return derivative; });
}

inline void relu_backward(int64_t width, const float* saved, const float* grad_out, float* grad_x,
                          float* grad_bias, int64_t begin, int64_t end) {
  activation_backward(width, saved, grad_out, grad_x, grad_bias, begin, end,
                      [](Vec y) { return y <= Vec{} ? Vec{} : all(1.0f); });
}

template <class Grad>
inline void bias_backward(int64_t width, const Grad* grad_out, float* grad_bias, int64_t begin,
                          int64_t end) {
  for (int64_t i = begin; i < end; ++i) {
    const Grad* grad = grad_out + i * width;
    over_row(
        width, [&](int64_t d) { store(grad_bias + d, load(grad_bias + d) + load(grad + d)); },
        [&](int64_t d, int64_t n) {
          store_part(grad_bias + d, load_part(grad_bias + d, n) + load_part(grad + d, n), n);
        });
  }
}

// Each row's loss and gradient, both times `scale`.
inline void cross_entropy(int64_t width, float smoothing, float scale, const float* logits,
                          const int64_t* classes, const float* row_weight,
                          const float* class_weight, float* losses, float* grad, int64_t begin,
                          int64_t end) {
  const float even = smoothing / static_cast<float>(width);
  for (int64_t i = begin; i < end; ++i) {
    const float* row = logits + i * width;
    float* to = grad + i * width;
    const int64_t y = classes[i];
    float peak = row[0];
    for (int64_t k = 1; k < width; ++k) peak = row[k] > peak ? row[k] : peak;
    Vec total{};
    over_row(
        width,
        [&](int64_t d) {
          const Vec p = exp(load(row + d) - peak);
          total += p;
          store(to + d, p);
        },
        [&](int64_t d, int64_t n) {
          const Vec p = exp(load_part(row + d, n) - peak);
          store_part(to + d, p, n);
          total += load_part(to + d, n);  // zeros past the end, which exp() made e^-peak
        });
    const float whole = sum(total);
    const float log_whole = peak + __builtin_logf(whole);
    // Of the even share: the sums of c_k and of -c_k log p_k.
    float weights = 0, spread = 0;
    if (even > 0)
      for (int64_t k = 0; k < width; ++k) {
        weights += class_weight[k];
        spread += class_weight[k] * (log_whole - row[k]);
      }
    const float own = (1 - smoothing) * class_weight[y], r = row_weight[i] * scale;
    losses[i] = r * (own * (log_whole - row[y]) + even * spread);
    const float of_p = r * (own + even * weights) / whole;
    for (int64_t k = 0; k < width; ++k) to[k] = to[k] * of_p - r * even * class_weight[k];
    to[y] -= r * own;
  }
}

inline void adamw(const AdamWStep& step, float* __restrict parameter, const float* __restrict grad,
                  float* __restrict mean, float* __restrict square, int64_t begin, int64_t end) {
  const AdamWStep local = step;  // a copy: the arrays cannot alias it
  for (int64_t i = begin; i < end; ++i) {
    const float g = grad[i];
    const float m = local.beta1 * mean[i] + local.new1 * g;
    const float v = local.beta2 * square[i] + local.new2 * g * g;
    mean[i] = m;
    square[i] = v;
    const float root = __builtin_sqrtf(v) * local.inverse_root + local.epsilon;
    parameter[i] = parameter[i] * local.decay - local.rate * m / root;
  }
}

}  // namespace braid::ops::BRAID_ISA
