#include <torch/torch.h>

#include <cmath>

#include "core/error.h"
#include "layers/layers.h"

namespace braid::layers {

TransformerBlockImpl::TransformerBlockImpl(int64_t width, int64_t num_heads, int64_t mlp_ratio,
                                           double dropout, bool is_cross,
                                           const Sparsity& sparsity) {
  norm_ = register_module("norm", LayerNorm(width));
  if (is_cross) norm_context_ = register_module("norm_context", LayerNorm(width));
  norm_mlp_ = register_module("norm_mlp", LayerNorm(width));
  if (sparsity.points > 0)
    induced_ =
        register_module("attention", InducedAttention(width, num_heads, dropout, sparsity.points));
  else
    attention_ = register_module(
        "attention", MultiHeadAttention(width, num_heads, dropout, is_cross ? 0 : sparsity.window));
  mlp_ = register_module(
      "mlp", Mlp(width, std::vector<int64_t>{mlp_ratio * width}, width, dropout, "gelu"));
  dropout_ = register_module("dropout", Dropout(dropout));
}

Tensor TransformerBlockImpl::forward(const Tensor& x, const Tensor& context,
                                     const Tensor& context_mask, Tensor* weights) {
  const Tensor query = norm_(x);
  Tensor keys = query;
  if (norm_context_)
    keys = norm_context_(context);
  else if (!context.is_same(x))
    keys = norm_(context);
  const Tensor seen = induced_ ? induced_(query, keys, context_mask, weights)
                               : attention_(query, keys, context_mask, weights);
  const auto [mixed, normed] = norm_mlp_->after_sum(x, dropout_(seen));
  return mixed + dropout_(mlp_(normed));
}

Tensor sinusoid(int64_t length, int64_t width, const Tensor& like) {
  const auto options = like.options().requires_grad(false);
  const Tensor position = at::arange(length, options).unsqueeze(1);  // [T, 1]
  const Tensor pair = at::arange(0, width, 2, options);              // [ceil(D / 2)]
  const Tensor rate = at::exp(pair * (-std::log(10000.0) / static_cast<double>(width)));
  const Tensor angle = position * rate;                                   // [T, ceil(D / 2)]
  const Tensor waves = at::stack({angle.sin(), angle.cos()}, /*dim=*/2);  // [T, ceil(D / 2), 2]
  return waves.reshape({length, 2 * pair.size(0)}).slice(/*dim=*/1, 0, width);  // [T, D]
}

Tensor masked_mean(const Tensor& tokens, const Tensor& mask) {
  if (is_known_true(mask))  // [B, D]
    return tokens.size(1) == 1 ? tokens.select(/*dim=*/1, 0) : tokens.mean(/*dim=*/1);
  const Tensor sum = keep_where(mask, tokens).sum(/*dim=*/1);                       // [B, D]
  return sum / mask.sum(/*dim=*/1, /*keepdim=*/true).clamp_min(1).to(sum.dtype());  // [B, D]
}

}  // namespace braid::layers
