// Scaled dot-product attention of several heads with a key mask (Vaswani 2017).
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace braid::ops {

struct AttentionOptions {
  int64_t num_heads = 1;
  double dropout = 0;        // chance that a weight is dropped
  bool is_training = false;  // false: no dropout
  at::Tensor bias = {};      // added to the scores where defined; broadcasts to (B, H, Tq, Tk)
};

/// dropout(softmax(q k^T / sqrt(D / H) + bias)) v, head by head; exact zeros for a query whose keys
/// are all masked, whatever the masked keys and values hold.
///
/// Shapes   query (B, Tq, D), key and value (B, Tk, D), key_mask (B, Tk) bool -> (B, Tq, D), in the
///          format of query, key and value; of bfloat16, scores and sums are float32.
/// Errors   internal: dropout outside a RandomScope.
/// Cost     4 * B * Tq * Tk * D operations, seven more times half of that backward. The kernels
///          hold 64 rows of scores per thread and never the (Tq, Tk) matrix, and keep one number
///          per query and head for the backward pass, which computes the scores again. With a bias
///          the reference is taken.
/// Source   Vaswani et al. 2017, arXiv:1706.03762; blocks and recomputation as Dao et al. 2022,
///          arXiv:2205.14135. Differs: a block holds whole rows, so the softmax needs no
///          correction.
at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                     const at::Tensor& key_mask, const AttentionOptions& options);

/// The same out of libtorch's operators, on any device and dtype, with the same dropped weights:
/// the oracle of attention(). Holds the (B, H, Tq, Tk) matrix.
at::Tensor attention_reference(const at::Tensor& query, const at::Tensor& key,
                               const at::Tensor& value, const at::Tensor& key_mask,
                               const AttentionOptions& options);

/// The same by libtorch's own attention, without dropout: what attention() takes on CUDA, where 2.x
/// has it fused. Works on any device.
at::Tensor attention_of_libtorch(const at::Tensor& query, const at::Tensor& key,
                                 const at::Tensor& value, const at::Tensor& key_mask,
                                 int64_t num_heads);

/// softmax(q k^T / sqrt(D / H) + bias), before dropout; zeros for masked keys.
/// Shapes -> (B, H, Tq, Tk).
at::Tensor attention_weights(const at::Tensor& query, const at::Tensor& key,
                             const at::Tensor& key_mask, int64_t num_heads,
                             const at::Tensor& bias = {});

/// The bias under which a query sees no key behind its own place. Shapes   -> (1, 1, T, T), dtype
/// and device of `like`.
at::Tensor causal_bias(int64_t length, const at::Tensor& like);

}  // namespace braid::ops
