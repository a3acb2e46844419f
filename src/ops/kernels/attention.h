// Attention over blocks of queries, so that no (Tq, Tk) matrix lies in memory: the scores of a
// block, its softmax, its part of the output. The backward pass computes the scores again.
#pragma once
#include "ops/kernels/kernels.h"
#include "ops/kernels/vec.h"

namespace braid::ops::BRAID_ISA {

constexpr int64_t kBlock = 64;  // queries at a time, at most

// The queries in blocks of equal size: 97 as 49 + 48 rather than 64 + 33.
inline int64_t block_rows(int64_t num_queries) {
  const int64_t blocks = (num_queries + kBlock - 1) / kBlock;
  return (num_queries + blocks - 1) / blocks;
}

// Where the parts of the scratch lie.
struct AttentionScratch {
  int64_t keys, width;  // padded
  float *query, *key_columns, *key_rows, *value_columns, *value_rows, *scores, *grad_scores, *block,
      *grad_out, *grad_key, *grad_value, *masking, *end;

  AttentionScratch(const AttentionSizes& sizes, float* scratch)
      : keys(padded(sizes.num_keys)), width(padded(sizes.head_width)) {
    float* at = scratch;
    const auto take = [&at](int64_t size) {
      float* part = at;
      at += size;
      return part;
    };
    query = take(kBlock * width);
    key_columns = take(width * keys);
    key_rows = take(keys * width);
    value_columns = take(width * keys);
    value_rows = take(keys * width);
    scores = take(kBlock * keys);
    grad_scores = take(kBlock * keys);
    block = take(kBlock * width);
    grad_out = take(kBlock * width);
    grad_key = take(keys * width);
    grad_value = take(keys * width);
    masking = take(keys);
    end = at;
  }
};

inline int64_t attention_scratch(const AttentionSizes& sizes) {
  float origin;  // only distances from it are taken
  return AttentionScratch(sizes, &origin).end - &origin;
}

inline void fill_zero(float* p, int64_t size) {
  __builtin_memset(p, 0, static_cast<size_t>(4 * size));
}

// Asks for the memory that the next task will read. A head's rows are a line or two each, a whole
// row of all heads apart, which no processor foresees: without asking, a third of the backward pass
// was waiting.
template <class Number>
inline void ask_for(const Number* from, int64_t head_width) {
  constexpr int64_t kLine = 64 / sizeof(Number);
  for (int64_t d = 0; d < head_width; d += kLine)
    __builtin_prefetch(from + d, /*rw=*/0, /*locality=*/2);
}

// Rows of one head, times `scale`, padded with zeros; masked rows become zeros, whatever they hold.
// The next task's rows lie `ahead` further.
template <class Number>
inline void pack_rows(int64_t rows, int64_t head_width, const Number* from, int64_t from_row,
                      int64_t ahead, const bool* mask, float scale, float* to, int64_t to_row) {
  for (int64_t t = 0; t < rows; ++t) {
    ask_for(from + t * from_row + ahead, head_width);
    if (mask != nullptr && !mask[t]) {
      fill_zero(to + t * to_row, to_row);
      continue;
    }
    int64_t d = 0;
    for (; d + kLanes <= head_width; d += kLanes)
      store(to + t * to_row + d, load(from + t * from_row + d) * scale);
    if (d < head_width)
      store(to + t * to_row + d, load_part(from + t * from_row + d, head_width - d) * scale);
  }
}

template <class Number>
inline void unpack_rows(int64_t rows, int64_t head_width, const float* from, int64_t from_row,
                        const float* scales, Number* to, int64_t to_row) {
  for (int64_t t = 0; t < rows; ++t) {
    const float scale = scales == nullptr ? 1.0f : scales[t];
    int64_t d = 0;
    for (; d + kLanes <= head_width; d += kLanes)
      store(to + t * to_row + d, load(from + t * from_row + d) * scale);
    if (d < head_width)
      store_part(to + t * to_row + d, load(from + t * from_row + d) * scale, head_width - d);
  }
}

// Which of kLanes weights from key `j` on of the query numbered `row` stay, times kept_scale.
inline Vec dropout_factor(const AttentionSizes& sizes, uint32_t row, uint32_t j) {
  BitVec lane;
  for (int64_t i = 0; i < kLanes; ++i) lane[i] = static_cast<uint32_t>(i);
  const uint32_t salt = sizes.seed + row * 0x9e3779b9u;
  const BitVec bits = scramble(scramble((lane + j) * 0x27d4eb2fu + salt) ^ salt);
  const Vec kept = all(sizes.kept_scale);
  return bits >= BitVec{} + sizes.drop_below ? kept : Vec{};
}

// What the scores of masked and padded keys start from: no score of a real key comes near it, and
// exp() of what lies so far below the largest is exactly 0. Masked keys are packed as zeros, so
// that what they hold never counts.
constexpr float kMasked = -1e30f;

inline void mask_scores(const bool* mask, int64_t num_keys, int64_t keys, float* masking) {
  for (int64_t j = 0; j < keys; ++j) masking[j] = j < num_keys && mask[j] ? 0.0f : kMasked;
}

// exp(score - largest) of `rows` rows in place, after dropout; 1 over each row's sum before dropout
// is left for the product that follows. log_sum is -inf and the inverse 0 where no key is real.
inline void softmax_rows(const AttentionSizes& sizes, int64_t keys, int64_t rows,
                         uint32_t first_row, float* scores, float* log_sum, float* inverse) {
  for (int64_t i = 0; i < rows; ++i) {
    float* row = scores + i * keys;
    Vec most = load(row);
    for (int64_t j = kLanes; j < keys; j += kLanes) most = max(most, load(row + j));
    const float peak = max(most);
    Vec total{};
    for (int64_t j = 0; j < keys; j += kLanes) {
      Vec p = exp(load(row + j) - peak);
      total += p;
      if (sizes.drop_below > 0)
        p *= dropout_factor(sizes, first_row + static_cast<uint32_t>(i), static_cast<uint32_t>(j));
      store(row + j, p);
    }
    const bool has_keys = !(peak < kMasked / 2);
    inverse[i] = has_keys ? 1.0f / sum(total) : 0.0f;
    log_sum[i] = has_keys ? peak + __builtin_logf(sum(total)) : -__builtin_inff();
  }
}

// From a row of the head numbered `h` to the same row of the head that comes after it, perhaps the
// next sample's first. Behind the last task it points nowhere, which asking for memory may.
inline int64_t to_next_task(const AttentionSizes& sizes, int64_t h, int64_t rows) {
  if (h + 1 < sizes.num_heads) return sizes.head_width;
  return (rows * sizes.num_heads - (sizes.num_heads - 1)) * sizes.head_width;
}

template <class Number>
inline void attention_forward(const AttentionSizes& sizes, const AttentionForward<Number>& data,
                              int64_t begin, int64_t end, float* scratch) {
  const AttentionScratch at(sizes, scratch);
  const int64_t block = block_rows(sizes.num_queries);
  const int64_t row = sizes.num_heads * sizes.head_width, width = sizes.head_width;
  for (int64_t task = begin; task < end; ++task) {
    const int64_t b = task / sizes.num_heads, h = task % sizes.num_heads;
    const bool* mask = data.key_mask + b * sizes.num_keys;
    const int64_t keys_at = b * sizes.num_keys * row + h * width;
    const int64_t keys_ahead = to_next_task(sizes, h, sizes.num_keys);
    const int64_t ahead = to_next_task(sizes, h, sizes.num_queries);
    pack_rows(sizes.num_keys, width, data.key + keys_at, row, keys_ahead, mask, 1.0f, at.key_rows,
              at.width);
    pack_rows(sizes.num_keys, width, data.value + keys_at, row, keys_ahead, mask, 1.0f,
              at.value_rows, at.width);
    fill_zero(at.key_columns, width * at.keys);
    transpose(sizes.num_keys, width, at.key_rows, at.width, at.key_columns, at.keys);
    mask_scores(mask, sizes.num_keys, at.keys, at.masking);

    for (int64_t t = 0; t < sizes.num_queries; t += block) {
      const int64_t rows = smaller(block, sizes.num_queries - t);
      const int64_t queries_at = (b * sizes.num_queries + t) * row + h * width;
      pack_rows(rows, width, data.query + queries_at, row, ahead, nullptr, sizes.scale, at.query,
                at.width);
      multiply<Start::row>(rows, at.keys, width, at.query, at.width, 1, at.key_columns, at.keys,
                           at.masking, at.scores, at.keys);
      const int64_t first_row = task * sizes.num_queries + t;
      float inverse[kBlock];
      softmax_rows(sizes, at.keys, rows, static_cast<uint32_t>(first_row), at.scores,
                   data.log_sum + first_row, inverse);
      multiply<Start::zero>(rows, at.width, sizes.num_keys, at.scores, at.keys, 1, at.value_rows,
                            at.width, nullptr, at.block, at.width);
      unpack_rows(rows, width, at.block, at.width, inverse, data.out + queries_at, row);
    }
  }
}

// `b` is padded with zeros to a whole vector.
template <class Number>
inline float dot(int64_t size, const Number* a, const float* b) {
  Vec total{};
  int64_t d = 0;
  for (; d + kLanes <= size; d += kLanes) total += load(a + d) * load(b + d);
  if (d < size) total += load_part(a + d, size - d) * load(b + d);
  return sum(total);
}

// Gradient of the scores in place of grad_scores (which holds d loss / d weights), and the weights
// after dropout in place of the scores: softmax's derivative is p (g - sum of p g).
// The outputs lie `stride` apart, the next task's `ahead` further.
template <class Number>
inline void softmax_backward_rows(const AttentionSizes& sizes, const AttentionScratch& at,
                                  int64_t rows, uint32_t first_row, const float* log_sum,
                                  const Number* out, int64_t stride, int64_t ahead) {
  const int64_t keys = at.keys;
  for (int64_t i = 0; i < rows; ++i) {
    ask_for(out + i * stride + ahead, sizes.head_width);
    float* p_row = at.scores + i * keys;
    float* g_row = at.grad_scores + i * keys;
    // The sum of p g, which equals out . grad_out.
    const float mean = dot(sizes.head_width, out + i * stride, at.grad_out + i * at.width);
    const bool has_keys = !(log_sum[i] < -1e30f);
    for (int64_t j = 0; j < keys; j += kLanes) {
      const Vec p = has_keys ? exp(load(p_row + j) - log_sum[i]) : Vec{};
      Vec g = load(g_row + j), kept = p;
      if (sizes.drop_below > 0) {
        const Vec factor =
            dropout_factor(sizes, first_row + static_cast<uint32_t>(i), static_cast<uint32_t>(j));
        g *= factor;
        kept *= factor;
      }
      store(p_row + j, kept);
      store(g_row + j, p * (g - mean));
    }
  }
}

template <class Number>
inline void attention_backward(const AttentionSizes& sizes, const AttentionBackward<Number>& data,
                               int64_t begin, int64_t end, float* scratch) {
  const AttentionScratch at(sizes, scratch);
  const int64_t block = block_rows(sizes.num_queries);
  const int64_t row = sizes.num_heads * sizes.head_width, width = sizes.head_width;
  float scales[kBlock];
  for (float& scale : scales) scale = sizes.scale;
  for (int64_t task = begin; task < end; ++task) {
    const int64_t b = task / sizes.num_heads, h = task % sizes.num_heads;
    const bool* mask = data.key_mask + b * sizes.num_keys;
    const int64_t keys_at = b * sizes.num_keys * row + h * width;
    const int64_t keys_ahead = to_next_task(sizes, h, sizes.num_keys);
    const int64_t ahead = to_next_task(sizes, h, sizes.num_queries);
    pack_rows(sizes.num_keys, width, data.key + keys_at, row, keys_ahead, mask, 1.0f, at.key_rows,
              at.width);
    pack_rows(sizes.num_keys, width, data.value + keys_at, row, keys_ahead, mask, 1.0f,
              at.value_rows, at.width);
    fill_zero(at.key_columns, width * at.keys);
    fill_zero(at.value_columns, width * at.keys);
    transpose(sizes.num_keys, width, at.key_rows, at.width, at.key_columns, at.keys);
    transpose(sizes.num_keys, width, at.value_rows, at.width, at.value_columns, at.keys);
    fill_zero(at.grad_key, at.keys * at.width);
    fill_zero(at.grad_value, at.keys * at.width);
    mask_scores(mask, sizes.num_keys, at.keys, at.masking);

    for (int64_t t = 0; t < sizes.num_queries; t += block) {
      const int64_t rows = smaller(block, sizes.num_queries - t);
      const int64_t queries_at = (b * sizes.num_queries + t) * row + h * width;
      const int64_t first_row = task * sizes.num_queries + t;
      pack_rows(rows, width, data.query + queries_at, row, ahead, nullptr, sizes.scale, at.query,
                at.width);
      pack_rows(rows, width, data.grad_out + queries_at, row, ahead, nullptr, 1.0f, at.grad_out,
                at.width);
      multiply<Start::row>(rows, at.keys, width, at.query, at.width, 1, at.key_columns, at.keys,
                           at.masking, at.scores, at.keys);
      multiply<Start::zero>(rows, at.keys, width, at.grad_out, at.width, 1, at.value_columns,
                            at.keys, nullptr, at.grad_scores, at.keys);
      softmax_backward_rows(sizes, at, rows, static_cast<uint32_t>(first_row),
                            data.log_sum + first_row, data.out + queries_at, row, ahead);
      multiply<Start::zero>(rows, at.width, sizes.num_keys, at.grad_scores, at.keys, 1, at.key_rows,
                            at.width, nullptr, at.block, at.width);
      unpack_rows(rows, width, at.block, at.width, scales, data.grad_query + queries_at, row);
      // The packed queries carry the scale already.
      multiply<Start::sum>(sizes.num_keys, at.width, rows, at.grad_scores, 1, at.keys, at.query,
                           at.width, nullptr, at.grad_key, at.width);
      multiply<Start::sum>(sizes.num_keys, at.width, rows, at.scores, 1, at.keys, at.grad_out,
                           at.width, nullptr, at.grad_value, at.width);
    }
    unpack_rows(sizes.num_keys, width, at.grad_key, at.width, nullptr, data.grad_key + keys_at,
                row);
    unpack_rows(sizes.num_keys, width, at.grad_value, at.width, nullptr, data.grad_value + keys_at,
                row);
  }
}

}  // namespace braid::ops::BRAID_ISA
