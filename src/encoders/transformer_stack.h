// The Transformer of published checkpoints, in the variants their families have.
#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "encoders/checkpoint_family.h"
#include "layers/layers.h"

namespace braid::encoders {

struct StackConfig {
  int64_t width = 32;
  int64_t layers = 2;
  int64_t heads = 4;
  int64_t mlp_width = 64;
  std::string activation = "gelu";
  double epsilon = 1e-5;
  double dropout = 0.1;
  double attention_dropout = 0.1;
  template <class V>
  void visit(V& v) {
    v("width", width, between(1, 16384), "D of the tokens; cost grows with its square");
    v("layers", layers, between(1, 256), "Transformer blocks; cost grows linearly");
    v("heads", heads, between(1, 256), "attention heads; width must be a multiple");
    v("mlp_width", mlp_width, between(1, 65536), "hidden width of each block's MLP");
    v("activation", activation, one_of({"gelu", "gelu_new", "quick_gelu", "relu", "silu"}),
      "of each block's MLP: gelu by the error function, gelu_new by tanh, quick_gelu by a sigmoid");
    v("epsilon", epsilon, between(0, 1), "added to the variance in layer norms");
    v("dropout", dropout, between(0, 0.9), "chance to drop an activation while training");
    v("attention_dropout", attention_dropout, between(0, 0.9),
      "chance to drop an attention weight while training");
  }
};

/// What a family fixes.
struct StackShape {
  bool is_norm_first = true;     // x + f(norm(x)), else norm(x + f(x))
  bool has_key_bias = true;      // in its checkpoints; softmax cancels it
  bool has_layer_scale = false;  // a learned factor per feature on what each half adds
};

/// "gelu", "gelu_new", "quick_gelu", "relu" or "silu" of x. Errors   config.
Tensor activate(const Tensor& x, const std::string& name);

/// A published name of an activation (hidden_act) as StackConfig has it. Errors   config.
std::string activation_of(const std::string& published, const std::string& where);

/// Self-attention blocks without a final norm.
///
/// Parameters   blocks.{}.{norm1, query, key, value, out, norm2, up, down}, scale1, scale2; the
///              buffer blocks.{}.key_bias is kept for writing the checkpoint back.
/// Shapes   x (B, T, D), mask (B, T); bias: undefined or broadcasting to (B, H, T, T), added to the
///          scores -> (B, T, D); *hidden, where asked for: x and what each block hands on.
class TransformerStackImpl : public torch::nn::Module {
 public:
  TransformerStackImpl(const StackConfig& config, const StackShape& shape);
  Tensor forward(Tensor x, const Tensor& mask, const Tensor& bias = {},
                 std::vector<Tensor>* hidden = nullptr);
  /// In training only each block's input is kept, and the block computed again on the way back:
  /// memory of one block instead of all, for a third more time (Chen et al. 2016,
  /// arXiv:1604.06174).
  bool recomputes = false;

 private:
  torch::nn::ModuleList blocks_;
};
TORCH_MODULE(TransformerStack);

/// Encoder::tap_widths and Encoded::taps of an encoder whose stages are a stack's blocks: `hidden`
/// is what forward() gave, each tap the mean over the real tokens after a block but the last.
std::vector<int64_t> stack_tap_widths(const StackConfig& config);
std::vector<Tensor> stack_taps(const std::vector<Tensor>& hidden, const Tensor& mask);

/// What the parts of a block are called in checkpoints, after "encoder.layer.{}." or the like.
struct StackNames {
  std::string norm1, query, key, value, out, norm2, up, down;
};
/// The rules for a stack that is the module `ours` ("stack") of an encoder, the others first.
std::vector<NameRule> with_stack_rules(std::vector<NameRule> others, const std::string& ours,
                                       const std::string& block, const StackNames& names);

}  // namespace braid::encoders
