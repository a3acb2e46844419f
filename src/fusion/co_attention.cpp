// Hybrid fusion: streams that ask each other, then themselves, and meet in a product.
#include "fusion/tokens.h"
#include "fusion/vectors.h"
#include "layers/layers.h"

namespace braid::fusion {
namespace {

struct Config : TransformerConfig {
  int64_t layers = 1;
  template <class V>
  void visit(V& v) {
    TransformerConfig::visit(v);
    v("layers", layers, at_least(1), "rounds of co-attention and self-attention");
  }
};

/// x_m = [class token; tokens_m]; per layer x_m = self_m(cross_m(x_m, [x_n of all n != m])), all
/// streams at once; output = classifier(product over m of tanh(W_m norm(class token))).
///
/// Shapes   queries (B, 1 + T_m, width) attend to (B, sum over n != m of (1 + T_n), width).
/// Missing  one learned token per absent modality, in training and inference; its own tokens are
///          masked.
/// Cost     B * layers * sum over m of (T_m * T_all * 2 width + 18 T_m width^2) multiply-adds at
///          mlp_ratio 2. Parameters: cross.<modality>.<layer>.*, self.<modality>.<layer>.*.
/// Source   Lu et al. 2019 (ViLBERT), arXiv:1908.02265. Differs: pre-norm blocks; tanh in place of
/// relu,
///          whose product over several streams is mostly 0; of more than two streams each asks all
///          others at once.
class CoAttention : public Fusion {
 public:
  CoAttention(const Context& context, const Config& config, const std::string& where)
      : Fusion(context) {
    check_several(context, where);
    tokens_ = register_module("tokens", TokenProjection(context, config, where));
    const auto classes = register_folder(this, "class_tokens"),
               cross = register_folder(this, "cross"), self = register_folder(this, "self"),
               poolers = register_folder(this, "poolers");
    for (const std::string& name : module_names(context.modalities)) {
      class_tokens_.push_back(
          classes->register_parameter(name, 0.02 * torch::randn({config.width})));
      cross_.push_back(
          register_blocks(cross.get(), name, config.layers, config, /*is_cross=*/true));
      self_.push_back(register_blocks(self.get(), name, config.layers, config));
      poolers_.push_back(
          poolers->register_module(name, layers::Linear(config.width, config.width)));
    }
    norm_ = register_module("norm", layers::LayerNorm(config.width));
    classifier_ =
        register_module("classifier", layers::Mlp(config.width, std::vector<int64_t>{config.width},
                                                  context.num_outputs, config.dropout));
  }

 protected:
  Fused compute(const std::vector<Encoded>& encoded) override {
    Fused fused;
    std::vector<Attention>* maps = wants_attention ? &fused.attention : nullptr;
    const std::vector<std::string>& names = context_.modalities;
    std::vector<Tokens> parts = tokens_->forward(encoded);
    const size_t M = parts.size();
    for (size_t m = 0; m < M; ++m) parts[m] = with_class_token(class_tokens_[m], parts[m]);
    for (size_t l = 0; l < cross_[0].size(); ++l) {
      const std::vector<Tokens> before = parts;
      for (size_t m = 0; m < M; ++m) {
        std::vector<Tokens> others = before;
        others.erase(others.begin() + static_cast<int64_t>(m));
        const std::string asked = M == 2 ? names[1 - m] : kOthers;
        parts[m].values =
            attend(cross_[m][l], before[m], join_tokens(others), names[m], asked, maps, 2 * l);
        parts[m].values =
            attend(self_[m][l], parts[m], parts[m], names[m], names[m], maps, 2 * l + 1);
      }
    }
    std::vector<Tensor> summaries;  // each [B, width]
    for (size_t m = 0; m < M; ++m)
      summaries.push_back(
          poolers_[m]->forward(norm_->forward(parts[m].values.select(/*dim=*/1, 0))).tanh());
    fused.output = classifier_->forward(product_of(summaries));  // [B, O]
    return fused;
  }

 private:
  TokenProjection tokens_{nullptr};
  std::vector<Tensor> class_tokens_;
  std::vector<std::vector<layers::TransformerBlock>> cross_, self_;  // [modality][layer]
  std::vector<layers::Linear> poolers_;
  layers::LayerNorm norm_{nullptr};
  layers::Mlp classifier_{nullptr};
};

}  // namespace

extern const Method co_attention = {
    "co_attention",
    "Streams that attend to each other, then to themselves; their summaries are multiplied.",
    "Lu et al. 2019, arXiv:1908.02265",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "One learned token stands for an absent modality.",
    "Sequences that explain each other: a text and the regions of a picture.",
    describe_config<Config>,
    make_from<CoAttention, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
