#include <torch/torch.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "layers/layers.h"

namespace braid::layers {
namespace {

// (B, T, D) -> (B, H, T, D / H)
Tensor split_heads(const Tensor& x, int64_t num_heads) {
  return x.reshape({x.size(0), x.size(1), num_heads, x.size(2) / num_heads}).transpose(1, 2);
}

}  // namespace

MultiHeadAttentionImpl::MultiHeadAttentionImpl(int64_t width, int64_t num_heads, double dropout)
    : num_heads_(num_heads) {
  BRAID_CHECK(num_heads >= 1 && width % num_heads == 0, config,
              "width: expected a multiple of heads ({}), got {}; change one of them", num_heads,
              width);
  query_ = register_module("query", torch::nn::Linear(width, width));
  // A bias on the keys adds the same to every score of a query, and softmax cancels it.
  key_ =
      register_module("key", torch::nn::Linear(torch::nn::LinearOptions(width, width).bias(false)));
  value_ = register_module("value", torch::nn::Linear(width, width));
  out_ = register_module("out", torch::nn::Linear(width, width));
  dropout_ = register_module("dropout", Dropout(dropout));
}

Tensor MultiHeadAttentionImpl::forward(const Tensor& query, const Tensor& key_value,
                                       const Tensor& key_mask, Tensor* weights) {
  BRAID_CHECK(query.dim() == 3 && key_value.dim() == 3 && key_mask.dim() == 2 &&
                  query.size(0) == key_value.size(0) && query.size(2) == key_value.size(2) &&
                  key_mask.size(0) == key_value.size(0) && key_mask.size(1) == key_value.size(1),
              shape,
              "attention: query, key_value and key_mask: expected [B, Tq, D], [B, Tk, D] and "
              "[B, Tk], got [{}], [{}] and [{}]; add the missing axis",
              fmt::join(query.sizes(), ", "), fmt::join(key_value.sizes(), ", "),
              fmt::join(key_mask.sizes(), ", "));
  const Tensor clean = keep_where(key_mask, key_value);     // 0 * NaN would reach the gradient
  const Tensor q = split_heads(query_(query), num_heads_);  // [B, H, Tq, D / H]
  const Tensor k = split_heads(key_(clean), num_heads_);    // [B, H, Tk, D / H]
  const Tensor v = split_heads(value_(clean), num_heads_);  // [B, H, Tk, D / H]
  const Tensor key_dropped = key_mask.logical_not().unsqueeze(1).unsqueeze(1);  // [B, 1, 1, Tk]

  Tensor scores = at::matmul(q, k.transpose(2, 3)) / std::sqrt(static_cast<double>(q.size(3)));
  // A large finite number, not infinity: a row of nothing but infinities is NaN after softmax.
  scores = scores.masked_fill(key_dropped, -1e30);
  const Tensor attention = at::softmax(scores, /*dim=*/-1).masked_fill(key_dropped, 0);
  if (weights != nullptr) *weights = attention;                        // [B, H, Tq, Tk]
  const Tensor mixed = at::matmul(dropout_(attention), v);             // [B, H, Tq, D / H]
  const Tensor joined = mixed.transpose(1, 2).reshape(query.sizes());  // [B, Tq, D]
  return keep_where(key_mask.any(/*dim=*/1), out_(joined));
}

}  // namespace braid::layers
