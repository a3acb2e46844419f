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
    auto blocks = register_module("blocks", torch::nn::ModuleList());
    for (int64_t l = 0; l < config.layers; ++l) {
      blocks_.push_back(
          layers::TransformerBlock(config.width, config.heads, config.mlp_ratio, config.dropout));
      blocks->push_back(blocks_.back());
    }
    norm_ = register_module("norm", layers::LayerNorm(config.width));
    classifier_ = register_module("classifier", layers::Mlp(config.width, std::vector<int64_t>{},
                                                            context.num_outputs, config.dropout));
  }

 protected:
  Fused compute(const std::vector<Encoded>& encoded) override {
    const std::vector<Tokens> parts = tokens_->forward(encoded);
    const int64_t B = parts[0].values.size(0);
    std::vector<Tensor> values = {class_token_.expand({B, 1, class_token_.size(0)})};
    std::vector<Tensor> masks = {at::ones({B, 1}, parts[0].mask.options())};
    for (const Tokens& part : parts) {
      values.push_back(part.values);
      masks.push_back(part.mask);
    }
    Tensor x = at::cat(values, /*dim=*/1);          // [B, 1 + T_all, width]
    const Tensor mask = at::cat(masks, /*dim=*/1);  // [B, 1 + T_all]
    Fused fused;
    for (layers::TransformerBlock& block : blocks_) {
      Tensor weights;
      x = block->forward(x, x, mask, wants_attention ? &weights : nullptr);
      if (wants_attention) fused.attention.push_back({"all", "all", weights});
    }
    fused.output = classifier_->forward(norm_->forward(x.select(/*dim=*/1, 0)));  // [B, O]
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
    describe_config<Config>,
    make_from<Merged, Config>};

}  // namespace braid::fusion
