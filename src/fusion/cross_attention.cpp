// Hybrid fusion: self-attention inside each modality, cross-attention between each pair, then one
// classifier.
#include "core/error.h"
#include "fusion/tokens.h"
#include "layers/layers.h"

namespace braid::fusion {
namespace {

struct Config : TransformerConfig {
  int64_t self_layers = 1;
  int64_t cross_layers = 1;
  int64_t window = 0;
  template <class V>
  void visit(V& v) {
    TransformerConfig::visit(v);
    v("window", window, at_least(0),
      "of self-attention: a token sees its own run of so many places and the two beside; 0 = all");
    v("self_layers", self_layers, at_least(0), "self-attention blocks inside each modality");
    v("cross_layers", cross_layers, at_least(1), "rounds of cross-attention between all pairs");
  }
};

/// x_m = self_m(tokens_m); then, per round, x_m = mean over n != m of cross_mn(x_m, x_n); output =
/// classifier(norm([mean x_1; ...; mean x_M])).
///
/// Shapes   queries (B, T_m, width) attend to keys (B, T_n, width) of the same sample only.
/// Missing  one learned token per absent modality, in training and inference; its own tokens are
/// masked. Cost     B * cross_layers * sum over pairs of (T_m * T_n * width + 12 T_m * width^2)
/// multiply-adds; keeps a (B, H, T_m, T_n) map per pair for backward. Parameters:
/// self.<modality>.<layer>.*, cross.<modality>.<other>.<round>.* (the modality asks, the other
/// answers). Source   Tsai et al. 2019 (MulT), arXiv:1906.00295; Lu et al. 2019 (ViLBERT),
/// arXiv:1908.02265. Differs: the pairs' results are averaged, not concatenated.
class CrossAttention : public Fusion {
 public:
  CrossAttention(const Context& context, const Config& config, const std::string& where)
      : Fusion(context) {
    const size_t M = num_modalities();
    tokens_ = register_module("tokens", TokenProjection(context, config, where));
    const std::vector<std::string> names = module_names(context.modalities);
    auto self = register_folder(this, "self"), cross = register_folder(this, "cross");
    cross_.resize(M);
    for (size_t m = 0; m < M; ++m) {
      self_.push_back(register_blocks(self.get(), names[m], config.self_layers, config,
                                      /*is_cross=*/false, config.window));
      auto queries = register_folder(cross.get(), names[m]);
      for (size_t n = 0; n < M; ++n)
        if (n != m)
          cross_[m].push_back(register_blocks(queries.get(), names[n], config.cross_layers, config,
                                              /*is_cross=*/true));
    }
    rounds_ = static_cast<size_t>(config.cross_layers);
    const int64_t joined = config.width * static_cast<int64_t>(M);
    norm_ = register_module("norm", layers::LayerNorm(joined));
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    classifier_ =
        register_module("classifier", layers::Mlp(joined, std::vector<int64_t>{config.width},
                                                  context.num_outputs, config.dropout));
  }

 protected:
  Fused compute(const std::vector<Encoded>& encoded) override {
    Fused fused;
    std::vector<Attention>* maps = wants_attention ? &fused.attention : nullptr;
    const std::vector<std::string>& names = context_.modalities;
    std::vector<Tokens> parts = tokens_->forward(encoded);
    for (size_t m = 0; m < parts.size(); ++m)
      for (size_t l = 0; l < self_[m].size(); ++l)
        parts[m].values = attend(self_[m][l], parts[m], parts[m], names[m], names[m], maps, l);
    for (size_t round = 0; round < rounds_; ++round) {
      const std::vector<Tokens> before = parts;
      for (size_t m = 0; m < parts.size(); ++m) {
        if (cross_[m].empty()) continue;
        Tensor sum;
        for (size_t k = 0; k < cross_[m].size(); ++k) {
          const size_t n = k < m ? k : k + 1;
          const Tensor seen = attend(cross_[m][k][round], before[m], before[n], names[m], names[n],
                                     maps, self_[m].size() + round);  // [B, T_m, width]
          sum = sum.defined() ? sum + seen : seen;
        }
        parts[m].values = sum / static_cast<double>(cross_[m].size());
      }
    }
    std::vector<Tensor> pooled;
    for (const Tokens& part : parts)
      pooled.push_back(layers::masked_mean(part.values, part.mask));   // [B, width]
    const Tensor joined = norm_->forward(at::cat(pooled, /*dim=*/1));  // [B, M * width]
    fused.output = classifier_->forward(dropout_->forward(joined));    // [B, O]
    return fused;
  }

 private:
  TokenProjection tokens_{nullptr};
  std::vector<std::vector<layers::TransformerBlock>> self_;                // [modality][layer]
  std::vector<std::vector<std::vector<layers::TransformerBlock>>> cross_;  // [modality][other]
  size_t rounds_ = 0;
  layers::LayerNorm norm_{nullptr};
  layers::Dropout dropout_{nullptr};
  layers::Mlp classifier_{nullptr};
};

}  // namespace

extern const Method cross_attention = {
    "cross_attention",
    "A multimodal Transformer: self-attention in each modality, cross-attention between each pair.",
    "Tsai et al. 2019, arXiv:1906.00295",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "One learned token stands for an absent modality.",
    "Sequences whose parts refer to one another, and rows enough to train it.",
    describe_config<Config>,
    make_from<CrossAttention, Config>};

}  // namespace braid::fusion
