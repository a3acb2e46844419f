// Building blocks that encoders and fusions share.
#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "layers/encoded.h"
#include "ops/layer_norm.h"
#include "ops/linear.h"

namespace braid::layers {

/// Dropout that draws from ops::RandomScope instead of libtorch's global generator.
class DropoutImpl : public torch::nn::Module {
 public:
  explicit DropoutImpl(double probability) : probability_(probability) {}
  Tensor forward(const Tensor& x);

 private:
  double probability_;
};
TORCH_MODULE(Dropout);

/// torch::nn::Linear through ops::linear. Shapes   (..., in) -> (..., out).
class LinearImpl : public torch::nn::LinearImpl {
 public:
  using torch::nn::LinearImpl::LinearImpl;
  /// keeps_bf16: see ops::linear; only where the result goes into another Linear.
  Tensor forward(const Tensor& x, ops::Activation activation = ops::Activation::none,
                 bool keeps_bf16 = false) {
    if (is_adapted()) return adapted(x, activation);
    if (c10::InferenceMode::is_enabled())
      return ops::linear_inference(x, weight, bias, activation, keeps_bf16, &packed_);
    return ops::linear(x, weight, bias, activation, keeps_bf16);
  }

  /// Adds (alpha / rank) up down x, of which up (out, rank) begins as zeros and down (rank, in) is
  /// random, and takes the weight and the bias out of training. Parameters lora_up, lora_down.
  /// Source   Hu et al. 2022 (LoRA), arXiv:2106.09685.
  void adapt(int64_t rank, double alpha);
  /// Adds the product to the weight, and is plain again.
  void merge();
  bool is_adapted() const { return lora_up_.defined(); }

 private:
  Tensor adapted(const Tensor& x, ops::Activation activation);
  ops::InferenceWeight packed_;
  Tensor lora_up_, lora_down_;
  double lora_scale_ = 0;
};
TORCH_MODULE(Linear);

/// torch::nn::LayerNorm over the last axis through ops::layer_norm. Shapes   (..., D) -> (..., D).
class LayerNormImpl : public torch::nn::LayerNormImpl {
 public:
  explicit LayerNormImpl(int64_t width, double epsilon = ops::kLayerNormEpsilon)
      : torch::nn::LayerNormImpl(torch::nn::LayerNormOptions({width}).eps(epsilon)) {}
  Tensor forward(const Tensor& x) { return ops::layer_norm(x, weight, bias, options.eps()); }
  /// x + residual, and its norm.
  std::pair<Tensor, Tensor> after_sum(const Tensor& x, const Tensor& residual) {
    return ops::add_layer_norm(x, residual, weight, bias, options.eps());
  }
};
TORCH_MODULE(LayerNorm);

/// "relu" or "gelu". Errors: config.
ops::Activation activation_named(const std::string& name);

/// Linear layers with an activation and dropout between them; parameter names as
/// nn.Sequential(Linear, ReLU, Linear): "0.weight", "2.weight", ... (activations count as places;
/// dropout does not). Shapes   (..., in) -> (..., out). hidden empty = one Linear. *inner, where
/// asked for, gets what each hidden layer hands on.
class MlpImpl : public torch::nn::Module {
 public:
  MlpImpl(int64_t in, const std::vector<int64_t>& hidden, int64_t out, double dropout,
          const std::string& activation = "relu");
  Tensor forward(Tensor x, std::vector<Tensor>* inner = nullptr);

 private:
  std::vector<Linear> linears_;
  Dropout dropout_{nullptr};
  ops::Activation activation_;
};
TORCH_MODULE(Mlp);

/// Multi-head scaled dot-product attention (Vaswani 2017) with a key mask. A query whose keys are
/// all masked gets zeros, never NaN. Shapes   query (B, Tq, D), key_value (B, Tk, D), key_mask (B,
/// Tk) bool -> (B, Tq, D); *weights, where asked for: (B, H, Tq, Tk).
class MultiHeadAttentionImpl : public torch::nn::Module {
 public:
  /// window > 0, self-attention: a query in the i-th run of `window` places sees runs i - 1 to i +
  /// 1 alone (Beltagy et al. 2020, arXiv:2004.05150), in time and memory linear in the length.
  MultiHeadAttentionImpl(int64_t width, int64_t num_heads, double dropout, int64_t window = 0);
  Tensor forward(const Tensor& query, const Tensor& key_value, const Tensor& key_mask,
                 Tensor* weights = nullptr);

 private:
  Linear query_{nullptr}, key_{nullptr}, value_{nullptr}, out_{nullptr};
  Tensor attend_locally(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& key_mask,
                        Tensor* weights);
  int64_t num_heads_;
  double dropout_;
  int64_t window_;
};
TORCH_MODULE(MultiHeadAttention);

/// Attention of low rank: `points` learned vectors attend to the keys, and the queries to what they
/// found. Time and memory linear in either length. Parameters: points, gather.*, spread.*.
/// Shapes   as MultiHeadAttention; *weights: the product of the two maps.
/// Source   Lee et al. 2019 (induced set attention), arXiv:1810.00825. Differs: no MLP between.
class InducedAttentionImpl : public torch::nn::Module {
 public:
  InducedAttentionImpl(int64_t width, int64_t num_heads, double dropout, int64_t points);
  Tensor forward(const Tensor& query, const Tensor& key_value, const Tensor& key_mask,
                 Tensor* weights = nullptr);

 private:
  Tensor points_;
  MultiHeadAttention gather_{nullptr}, spread_{nullptr};
};
TORCH_MODULE(InducedAttention);

/// What attention leaves out where sequences are long; 0 = nothing.
struct Sparsity {
  int64_t points = 0;  // above 0: InducedAttention
  int64_t window = 0;  // above 0: MultiHeadAttention's, in self-attention
};

/// Pre-norm Transformer block: x + attention(norm(x), norm(context)), then x + mlp(norm(x)).
/// Self-attention when `context` is x itself. Shapes   x (B, T, D), context (B, Tk, D),
/// context_mask (B, Tk) -> (B, T, D).
class TransformerBlockImpl : public torch::nn::Module {
 public:
  TransformerBlockImpl(int64_t width, int64_t num_heads, int64_t mlp_ratio, double dropout,
                       bool is_cross = false, const Sparsity& sparsity = {});
  Tensor forward(const Tensor& x, const Tensor& context, const Tensor& context_mask,
                 Tensor* weights = nullptr);

 private:
  LayerNorm norm_{nullptr}, norm_context_{nullptr}, norm_mlp_{nullptr};
  MultiHeadAttention attention_{nullptr};  // or
  InducedAttention induced_{nullptr};
  Mlp mlp_{nullptr};
  Dropout dropout_{nullptr};
};
TORCH_MODULE(TransformerBlock);

/// Fixed sinusoidal positions (Vaswani 2017). Shapes -> (T, D), dtype and device of `like`.
Tensor sinusoid(int64_t length, int64_t width, const Tensor& like);

/// Mean over the real tokens; zeros for a row without any. Shapes (B, T, D), (B, T) -> (B, D).
Tensor masked_mean(const Tensor& tokens, const Tensor& mask);

}  // namespace braid::layers
