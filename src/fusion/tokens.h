// Brings every modality's tokens to one width, marks whose they are, and puts a learned token where
// a modality is absent.
#pragma once
#include <torch/torch.h>

#include <vector>

#include "fusion/fusion.h"
#include "layers/layers.h"

namespace braid::fusion {

struct TransformerConfig {
  int64_t width = 64;
  int64_t heads = 4;
  int64_t mlp_ratio = 2;
  double dropout = 0.1;
  std::string attention = "full";
  int64_t points = 16;
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(1), "width of the tokens; a multiple of heads");
    v("heads", heads, at_least(1), "attention heads");
    v("mlp_ratio", mlp_ratio, at_least(1), "width of each block's MLP, as a multiple of width");
    v("dropout", dropout, between(0, 0.95), "dropout of attention, blocks and classifier");
    v("attention", attention, one_of({"full", "low_rank"}),
      "low_rank: through a few learned points (Lee et al. 2019), in time linear in the tokens");
    v("points", points, at_least(1), "points of low_rank attention");
  }
};

/// Errors   config: width is not a multiple of heads.
void check_heads(int64_t width, int64_t heads, const std::string& where);

/// One modality's tokens at the common width. Every row has at least one real token.
struct Tokens {
  Tensor values;  // (B, T, width)
  Tensor mask;    // (B, T) bool
};

/// Projection and embedding per modality, under <modality>.projection, <modality>.embedding and
/// <modality>.missing. An absent modality (or one without a real token) is one learned token in
/// place 0, in training and inference alike.
class TokenProjectionImpl : public torch::nn::Module {
 public:
  /// Errors   config: width is not a multiple of heads.
  TokenProjectionImpl(const Context& context, const TransformerConfig& config,
                      const std::string& where);
  std::vector<Tokens> forward(const std::vector<Encoded>& encoded);

 private:
  std::vector<layers::Linear> projections_;
  // One vector (width) per modality: the optimiser decays matrices, and learned tokens shall not
  // decay.
  std::vector<Tensor> embeddings_, missing_;
};
TORCH_MODULE(TokenProjection);

/// `count` Transformer blocks, under <name>.<i> of `parent`. `window`: of their self-attention,
/// where it is full.
std::vector<layers::TransformerBlock> register_blocks(torch::nn::Module* parent,
                                                      const std::string& name, int64_t count,
                                                      const TransformerConfig& config,
                                                      bool is_cross = false, int64_t window = 0);

/// block(queries, context). `maps`: where its attention map goes, as `from` looking at `to`; null
/// where none is wanted.
Tensor attend(layers::TransformerBlock& block, const Tokens& queries, const Tokens& context,
              const std::string& from, const std::string& to, std::vector<Attention>* maps);

/// All tokens, one after the other. Shapes   (B, T_i, width) -> (B, sum of T_i, width).
Tokens join_tokens(const std::vector<Tokens>& parts);

/// [token; its tokens], the token a parameter (width). Shapes   -> (B, 1 + T, width).
Tokens with_class_token(const Tensor& token, const Tokens& tokens);

}  // namespace braid::fusion
