// The stack of Transformer blocks that the text, image and audio Transformers share.
#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "core/config.h"
#include "layers/layers.h"

namespace braid::encoders {

struct BlocksConfig {
  int64_t width = 64;
  int64_t layers = 2;
  int64_t heads = 4;
  int64_t mlp_ratio = 2;
  double dropout = 0.1;
  template <class V>
  void visit(V& v) {
    v("width", width, between(1, 4096), "D of the tokens; cost grows with its square");
    v("layers", layers, between(1, 48), "Transformer blocks; cost grows linearly");
    v("heads", heads, between(1, 64), "attention heads; width must be a multiple");
    v("mlp_ratio", mlp_ratio, between(1, 16),
      "hidden width of each block's MLP, as a multiple of width");
    v("dropout", dropout, between(0, 0.9), "chance to drop an activation while training");
  }
};

/// Dropout, pre-norm self-attention blocks and a final LayerNorm.
///
/// Shapes   x (B, T, D), mask (B, T) -> (B, T, D); *taps, where asked for: of every block but the
///          last, the mean of its real tokens (B, D).
class BlocksImpl : public torch::nn::Module {
 public:
  explicit BlocksImpl(const BlocksConfig& config);
  Tensor forward(Tensor x, const Tensor& mask, std::vector<Tensor>* taps = nullptr);

 private:
  layers::Dropout dropout_{nullptr};
  torch::nn::ModuleList blocks_;
  layers::LayerNorm norm_{nullptr};
};
TORCH_MODULE(Blocks);

/// Encoder::tap_widths of an encoder whose stages are Blocks.
std::vector<int64_t> block_tap_widths(const BlocksConfig& config);

}  // namespace braid::encoders
