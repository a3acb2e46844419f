#include "ops/attention.h"

#include <torch/torch.h>

#include "core/error.h"
#include "layers/layers.h"

namespace braid::layers {

MultiHeadAttentionImpl::MultiHeadAttentionImpl(int64_t width, int64_t num_heads, double dropout,
                                               int64_t window)
    : num_heads_(num_heads), dropout_(dropout), window_(window) {
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
  Tensor mixed;
  // Within two runs everybody sees everybody.
  if (window_ > 0 && q.size(1) > 2 * window_) {
    BRAID_ASSERT(q.size(1) == k.size(1));
    mixed = attend_locally(q, k, v, key_mask, weights);
  } else {
    mixed = ops::attention(q, k, v, key_mask, {num_heads_, dropout_, is_training()});
    if (weights != nullptr) *weights = ops::attention_weights(q, k, key_mask, num_heads_);
  }
  return keep_where(key_mask.any(/*dim=*/1), out_(mixed));
}

// Runs of `window` queries beside the three runs of keys that they see, as a batch of B * runs.
Tensor MultiHeadAttentionImpl::attend_locally(const Tensor& q, const Tensor& k, const Tensor& v,
                                              const Tensor& key_mask, Tensor* weights) {
  const int64_t B = q.size(0), T = q.size(1), D = q.size(2), w = window_;
  const int64_t runs = (T + w - 1) / w, missing = runs * w - T;
  const auto queries = [&](const Tensor& x) {
    return at::constant_pad_nd(x, {0, 0, 0, missing}).view({B * runs, w, D});
  };
  const auto keys = [&](const Tensor& x) {
    return at::constant_pad_nd(x, {0, 0, w, missing + w})  // [B, (runs + 2) * w, D]
        .unfold(/*dimension=*/1, 3 * w, /*step=*/w)        // [B, runs, D, 3 w]
        .transpose(2, 3)
        .reshape({B * runs, 3 * w, D});
  };
  const Tensor mask = at::constant_pad_nd(key_mask, {w, missing + w})
                          .unfold(/*dimension=*/1, 3 * w, /*step=*/w)
                          .reshape({B * runs, 3 * w});
  const Tensor near_q = queries(q), near_k = keys(k);
  const Tensor mixed =
      ops::attention(near_q, near_k, keys(v), mask, {num_heads_, dropout_, is_training()});
  if (weights != nullptr) {
    const Tensor near = ops::attention_weights(near_q, near_k, mask, num_heads_)
                            .view({B, runs, num_heads_, w, 3 * w});
    Tensor all = at::zeros({B, num_heads_, runs * w, (runs + 2) * w}, near.options());
    for (int64_t r = 0; r < runs; ++r)
      all.narrow(/*dim=*/2, r * w, w).narrow(/*dim=*/3, r * w, 3 * w).copy_(near.select(1, r));
    *weights = all.narrow(/*dim=*/2, 0, T).narrow(/*dim=*/3, w, T);
  }
  return mixed.view({B, runs * w, D}).narrow(/*dim=*/1, 0, T);
}

InducedAttentionImpl::InducedAttentionImpl(int64_t width, int64_t num_heads, double dropout,
                                           int64_t points) {
  points_ = register_parameter("points", 0.02 * torch::randn({points, width}));
  gather_ = register_module("gather", MultiHeadAttention(width, num_heads, dropout));
  spread_ = register_module("spread", MultiHeadAttention(width, num_heads, dropout));
}

Tensor InducedAttentionImpl::forward(const Tensor& query, const Tensor& key_value,
                                     const Tensor& key_mask, Tensor* weights) {
  const int64_t B = key_value.size(0), P = points_.size(0);
  Tensor gathered, spread;
  const Tensor found = gather_(points_.expand({B, P, points_.size(1)}), key_value, key_mask,
                               weights != nullptr ? &gathered : nullptr);  // [B, P, D]
  const Tensor has_keys = key_mask.any(/*dim=*/1, /*keepdim=*/true).expand({B, P});
  const Tensor seen = spread_(query, found, has_keys, weights != nullptr ? &spread : nullptr);
  if (weights != nullptr) *weights = at::matmul(spread, gathered);  // [B, H, Tq, Tk]
  return seen;
}

}  // namespace braid::layers
