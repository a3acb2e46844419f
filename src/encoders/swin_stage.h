// The stages of Swin Transformers: attention within windows of a square grid.
#pragma once
#include <torch/torch.h>

#include <cstdint>

#include "encoders/transformer_stack.h"

namespace braid::encoders {

struct SwinStageShape {
  int64_t depth = 2;   // blocks; every second one's windows are shifted by half a window
  int64_t side = 0;    // the grid's rows and columns, a multiple of window
  int64_t window = 0;  // a window's rows and columns
  bool merges = false;
};

/// Pre-norm blocks whose tokens see those of their own window, each pair with a learned bias by its
/// places, and the merge of 2 x 2 tokens into one of twice the width.
///
/// Parameters   blocks.{}.{block, relative_bias}, merge_norm, merge.
/// Shapes   x (B, side * side, D) -> the same; merge(x) -> (B, side * side / 4, 2 D).
/// Source   Liu et al. 2021, arXiv:2103.14030.
class SwinStageImpl : public torch::nn::Module {
 public:
  /// `config` is of the stage: its width, heads and mlp_width; layers counts for nothing.
  SwinStageImpl(StackConfig config, const SwinStageShape& shape);
  Tensor forward(Tensor x);
  Tensor merge(const Tensor& x);

 private:
  const SwinStageShape shape_;
  torch::nn::ModuleList blocks_;
  layers::LayerNorm merge_norm_{nullptr};
  layers::Linear merge_{nullptr};
};
TORCH_MODULE(SwinStage);

/// The rules for stages that are the modules `ours`.{} of an encoder and `theirs`.{} in
/// checkpoints, the others first.
std::vector<NameRule> with_swin_rules(std::vector<NameRule> others, const std::string& ours,
                                      const std::string& theirs);

}  // namespace braid::encoders
