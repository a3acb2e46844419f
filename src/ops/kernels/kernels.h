// The kernels Braid has of its own, as one table per instruction set; plain pointers, no tensors.
#pragma once
#include <cstdint>

namespace braid::ops {

/// Sizes of one attention, and how its tensors lie: the head h of row t of sample b starts at
/// b * T * D + t * D + h * D / H, D = num_heads * head_width.
struct AttentionSizes {
  int64_t num_heads, head_width, num_queries, num_keys;
  float scale;          // of the scores, 1 / sqrt(D / H)
  uint32_t seed;        // of the dropout
  uint32_t drop_below;  // random bits below this drop a weight; 0: no dropout
  float kept_scale;     // 1 / (1 - probability)
};

/// What attention reads and writes; Number is float, or uint16_t for bfloat16. log_sum (B, H, Tq):
/// the logarithm of each softmax's denominator; -inf without real keys.
template <class Number>
struct AttentionForward {
  const Number *query, *key, *value;
  const bool* key_mask;
  Number* out;
  float* log_sum;
};
template <class Number>
struct AttentionBackward {
  const Number *query, *key, *value;
  const bool* key_mask;
  const Number* out;
  const float* log_sum;
  const Number* grad_out;
  Number *grad_query, *grad_key, *grad_value;
};

/// One step of AdamW, the same for every parameter. Differences from 1 are taken in double, before
/// they are rounded.
struct AdamWStep {
  float beta1, new1, beta2, new2;     // new: 1 - beta
  float rate, inverse_root, epsilon;  // lr / (1 - beta1^steps), 1 / sqrt(1 - beta2^steps)
  float decay;                        // what is left of the parameter, 1 - lr * weight_decay
};

/// A picture whose channels lie last, and its parts per side where regions are meant.
struct PoolSizes {
  int64_t height, width, channels, regions;
};

/// A picture whose channels lie last, and the groups of its channels.
struct GroupNormSizes {
  int64_t height, width, channels, groups;
  float epsilon;
};

/// One table (V, D) and the ids that are looked up in it, (B, length); ids that are not real are
/// not looked at.
struct EmbeddingBag {
  const float* table;
  const int64_t* ids;
  const bool* real;
  int64_t length;
};

/// embedding_bag_backward is shared out by ids modulo this, since frequent ids lie side by side.
constexpr int64_t kIdStripes = 64;

/// What of the modalities' outputs a weighted average is taken of; see ops/weighted_average.h.
enum class AverageOf { values, log_softmax, softmax, sigmoid };

struct AverageSizes {
  AverageOf of;
  int64_t num_modalities, num_outputs;
};

/// Keeps logarithms finite; far below any probability that a model can mean.
constexpr double kLeastProbability = 1e-12;

/// Ranges [begin, end) count rows, or samples times heads for attention; a caller may share the
/// ranges of one call out among threads.
struct Kernels {
  const char* name;

  /// Floats that attention_forward and attention_backward need as scratch, per thread.
  int64_t (*attention_scratch)(const AttentionSizes& sizes);
  void (*attention_forward)(const AttentionSizes& sizes, const AttentionForward<float>& data,
                            int64_t begin, int64_t end, float* scratch);
  void (*attention_backward)(const AttentionSizes& sizes, const AttentionBackward<float>& data,
                             int64_t begin, int64_t end, float* scratch);
  /// The same with bfloat16 for what lies in memory; scores, weights and sums are float32.
  void (*attention_forward_bf16)(const AttentionSizes& sizes,
                                 const AttentionForward<uint16_t>& data, int64_t begin, int64_t end,
                                 float* scratch);
  void (*attention_backward_bf16)(const AttentionSizes& sizes,
                                  const AttentionBackward<uint16_t>& data, int64_t begin,
                                  int64_t end, float* scratch);

  /// sum = x + residual (where residual is given), out = norm(sum) * weight + bias, per row.
  void (*layer_norm_forward)(int64_t width, float epsilon, const float* x, const float* residual,
                             const float* weight, const float* bias, float* sum, float* out,
                             float* mean, float* rstd, int64_t begin, int64_t end);
  /// grad_x = grad_sum (where given) + the norm's own; grad_weight and grad_bias are added to.
  void (*layer_norm_backward)(int64_t width, const float* x, const float* weight, const float* mean,
                              const float* rstd, const float* grad_out, const float* grad_sum,
                              float* grad_x, float* grad_weight, float* grad_bias, int64_t begin,
                              int64_t end);

  /// out (rows, width) = x (rows, depth) weight^T + bias, for the columns [begin, end) of out. For
  /// up to 8 rows, and for up to some 64, which needs scratch; weight (width, depth), bias may be
  /// null.
  void (*few_rows_product)(int64_t num_rows, int64_t depth, int64_t width, const float* x,
                           const float* weight, const float* bias, float* out, int64_t begin,
                           int64_t end);
  /// The same of bfloat16 weights. The rows are rounded and split first, into scratch of so many
  /// floats that all threads read.
  int64_t (*few_rows_scratch)(int64_t num_rows, int64_t depth);
  void (*split_rows)(int64_t num_rows, int64_t depth, const float* x, float* split);
  void (*few_rows_product_bf16)(int64_t num_rows, int64_t depth, int64_t width, const float* split,
                                const uint16_t* weight, const float* bias, float* out,
                                int64_t begin, int64_t end);
  int64_t (*some_rows_scratch)(int64_t num_rows, int64_t depth);
  void (*some_rows_product)(int64_t num_rows, int64_t depth, int64_t width, const float* x,
                            const float* weight, const float* bias, float* out, int64_t begin,
                            int64_t end, float* scratch);

  void (*relu_forward)(float* x, int64_t begin, int64_t end);  // in place
  /// x becomes the derivative there: the one thing that the backward pass needs.
  void (*gelu_forward)(float* x, float* out, int64_t begin, int64_t end);
  /// grad_x = grad_out * activation'(x), and grad_bias += its sum over rows. `saved` is
  /// gelu's derivative or relu's output.
  void (*bias_backward)(int64_t width, const float* grad_out, float* grad_bias, int64_t begin,
                        int64_t end);
  void (*gelu_backward)(int64_t width, const float* saved, const float* grad_out, float* grad_x,
                        float* grad_bias, int64_t begin, int64_t end);
  void (*relu_backward)(int64_t width, const float* saved, const float* grad_out, float* grad_x,
                        float* grad_bias, int64_t begin, int64_t end);

  /// The same with bfloat16 results: gelu and its derivative of the sum that a product left, and
  /// the rounded gradient before the activation beside the bias' sum.
  void (*round_to_bf16)(const float* x, uint16_t* out, int64_t begin, int64_t end);
  void (*gelu_forward_bf16)(const float* x, uint16_t* out, uint16_t* derivative, int64_t begin,
                            int64_t end);
  void (*gelu_backward_bf16)(int64_t width, const uint16_t* saved, const uint16_t* grad_out,
                             uint16_t* grad_x, float* grad_bias, int64_t begin, int64_t end);
  void (*bias_backward_bf16)(int64_t width, const uint16_t* grad_out, float* grad_bias,
                             int64_t begin, int64_t end);
  void (*round_with_bias_backward)(int64_t width, const float* grad_out, uint16_t* grad_x,
                                   float* grad_bias, int64_t begin, int64_t end);

  /// Ranges of pictures. place: which of its 2 x 2 places each maximum came from.
  void (*max_pool_forward)(const PoolSizes& sizes, const float* x, float* out, uint8_t* place,
                           int64_t begin, int64_t end);
  void (*max_pool_backward)(const PoolSizes& sizes, const float* grad_out, const uint8_t* place,
                            float* grad_x, int64_t begin, int64_t end);
  void (*region_mean_forward)(const PoolSizes& sizes, const float* x, float* out, int64_t begin,
                              int64_t end);
  void (*region_mean_backward)(const PoolSizes& sizes, const float* grad_out, float* grad_x,
                               int64_t begin, int64_t end);

  /// Ranges of pictures. real (B, H): rows that count, null: all. mean and rstd (B, groups);
  /// scratch: two floats a channel. grad_weight and grad_bias (C) are added to.
  void (*group_norm_relu_forward)(const GroupNormSizes& sizes, const float* x, const bool* real,
                                  const float* weight, const float* bias, float* out, float* mean,
                                  float* rstd, float* scratch, int64_t begin, int64_t end);
  void (*group_norm_relu_backward)(const GroupNormSizes& sizes, const float* x, const float* out,
                                   const bool* real, const float* weight, const float* mean,
                                   const float* rstd, const float* grad_out, float* grad_x,
                                   float* grad_weight, float* grad_bias, float* scratch,
                                   int64_t begin, int64_t end);

  /// Of every row r c_y (1 - s) (-log p_y) + r s / K sum_k c_k (-log p_k), and its gradient, both
  /// times `scale`; see ops/cross_entropy.h.
  void (*cross_entropy)(int64_t width, float smoothing, float scale, const float* logits,
                        const int64_t* classes, const float* row_weight, const float* class_weight,
                        float* losses, float* grad, int64_t begin, int64_t end);

  /// out (B, D) = scale (B) times the sum over the bags' real ids of their rows.
  void (*embedding_bag_forward)(int64_t width, int64_t num_bags, const EmbeddingBag* bags,
                                const float* scale, float* out, int64_t begin, int64_t end);
  /// grad_table is added to, in the order of the ids' places; ranges are of kIdStripes.
  void (*embedding_bag_backward)(int64_t width, int64_t num_rows, const EmbeddingBag& bag,
                                 const float* scale, const float* grad_out, float* grad_table,
                                 int64_t begin, int64_t end);

  /// outputs and averaged (B, M, O), present and weights (B, M), numbers (M) or null: equal
  /// weights. averaged: what is averaged, zeros where a modality does not count.
  void (*weighted_average_forward)(const AverageSizes& sizes, const float* outputs,
                                   const bool* present, const float* numbers, float* averaged,
                                   float* weights, float* out, int64_t begin, int64_t end);
  void (*weighted_average_backward)(const AverageSizes& sizes, const float* averaged,
                                    const float* weights, const float* grad_out,
                                    float* grad_outputs, float* grad_weights, int64_t begin,
                                    int64_t end);

  void (*adamw)(const AdamWStep& step, float* parameter, const float* grad, float* mean,
                float* square, int64_t begin, int64_t end);
};

}  // namespace braid::ops
