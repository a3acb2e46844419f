// Hybrid fusion: one Transformer over all modalities' tokens.
#include "fusion/tokens.h"
#include "layers/layers.h"

namespace braid::fusion {
namespace {

struct Config : TransformerConfig {
  int64_t layers = 2;
  template <class V>
  void visit(V& v) {
    TransformerConfig::visit(v);
    v("layers", layers, at_least(1), "Transformer blocks");
  }
};

/// A class token and all tokens with their modality's embedding go through pre-norm self-attention
/// blocks; the class token is classified.
///
/// Missing  one learned token per absent modality, in training and inference; its own tokens are
/// masked. Cost     B * layers * (T_all^2 * width + 12 T_all * width^2) multiply-adds; keeps a (B,
/// H, T_all, T_all) map per block for backward. Source   single-stream Transformers: Li et al. 2019
/// (VisualBERT), arXiv:1908.03557.
class Merged : public Fusion {
 public:
  Merged(const Context& context, const Config& config, const std::string& where) : Fusion(context) {
    tokens_ = register_module("tokens", TokenProjection(context, config, where));
    class_token_ = register_parameter("class_token", 0.02 * torch::randn({config.width}));
    blocks_ = register_blocks(this, "blocks", config.layers, config);
    norm_ = register_module("norm", layers::LayerNorm(config.width));
    classifier_ = register_module("classifier", layers::Mlp(config.width, std::vector<int64_t>{},
                                                            context.num_outputs, config.dropout));
  }

 protected:
  Fused compute(const std::vector<Encoded>& encoded) override {
    Tokens x = with_class_token(class_token_,
                                join_tokens(tokens_->forward(encoded)));  // [B, 1 + T_all, width]
    Fused fused;
    for (size_t l = 0; l < blocks_.size(); ++l)
      x.values = attend(blocks_[l], x, x, kAllModalities, kAllModalities,
                        wants_attention ? &fused.attention : nullptr, l);
    fused.output = classifier_->forward(norm_->forward(x.values.select(/*dim=*/1, 0)));  // [B, O]
    return fused;
  }

 private:
  TokenProjection tokens_{nullptr};
  Tensor class_token_;
  std::vector<layers::TransformerBlock> blocks_;
  layers::LayerNorm norm_{nullptr};
  layers::Mlp classifier_{nullptr};
};

}  // namespace

extern const Method merged = {
    "merged",
    "One Transformer over the tokens of all modalities, with modality embeddings.",
    "Li et al. 2019, arXiv:1908.03557",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "One learned token stands for an absent modality.",
    "Attention over all tokens at once, where they are not too many, and rows enough.",
    describe_config<Config>,
    make_from<Merged, Config>};

}  // namespace braid::fusion
