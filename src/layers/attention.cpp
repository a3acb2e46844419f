#include "ops/attention.h"

#include <torch/torch.h>

#include "core/error.h"
#include "layers/layers.h"

namespace braid::layers {

MultiHeadAttentionImpl::MultiHeadAttentionImpl(int64_t width, int64_t num_heads, double dropout)
    : num_heads_(num_heads), dropout_(dropout) {
  BRAID_CHECK(num_heads >= 1 && width % num_heads == 0, config,
              "width: expected a multiple of heads ({}), got {}; change one of them", num_heads,
              width);
  query_ = register_module("query", Linear(width, width));
  // A bias on the keys adds the same to every score of a query, and softmax cancels it.
  key_ = register_module("key", Linear(torch::nn::LinearOptions(width, width).bias(false)));
  value_ = register_module("value", Linear(width, width));
  out_ = register_module("out", Linear(width, width));
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
  const Tensor clean = keep_where(key_mask, key_value);  // 0 * NaN would reach the gradient
  const auto map = [](const Linear& linear) {
    return ops::LinearWeights{linear->weight, linear->bias};
  };
  Tensor q, k, v;  // [B, Tq, D], [B, Tk, D], [B, Tk, D]
  // Attention's products would round the factors anyway.
  static constexpr bool kKeepsBf16 = true;
  if (c10::InferenceMode::is_enabled()) {  // packed, each weight by itself
    const auto apply = [](Linear& linear, const Tensor& x) {
      return linear(x, ops::Activation::none, kKeepsBf16);
    };
    q = apply(query_, query), k = apply(key_, clean), v = apply(value_, clean);
  } else if (query.is_same(clean)) {
    const auto all = ops::linears(query, {map(query_), map(key_), map(value_)}, kKeepsBf16);
    q = all[0], k = all[1], v = all[2];
  } else {
    const auto both = ops::linears(clean, {map(key_), map(value_)}, kKeepsBf16);
    q = query_(query, ops::Activation::none, kKeepsBf16), k = both[0], v = both[1];
  }
  const Tensor mixed = ops::attention(q, k, v, key_mask, {num_heads_, dropout_, is_training()});
  if (weights != nullptr) *weights = ops::attention_weights(q, k, key_mask, num_heads_);
  return keep_where(key_mask.any(/*dim=*/1), out_(mixed));
}

}  // namespace braid::layers
