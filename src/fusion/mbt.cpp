// Hybrid fusion: modalities exchange what they know through a few tokens between them.
#include "fusion/tokens.h"
#include "fusion/vectors.h"
#include "layers/layers.h"
#include "ops/weighted_average.h"

namespace braid::fusion {
namespace {

struct Config : TransformerConfig {
  int64_t self_layers = 1;
  int64_t fusion_layers = 2;
  int64_t bottleneck_tokens = 4;
  template <class V>
  void visit(V& v) {
    TransformerConfig::visit(v);
    v("self_layers", self_layers, at_least(0), "blocks inside each modality before they meet");
    v("fusion_layers", fusion_layers, at_least(2),
      "blocks that see the bottleneck; what one writes there the next one reads");
    v("bottleneck_tokens", bottleneck_tokens, at_least(1),
      "tokens through which modalities exchange");
  }
};

/// x_m = [class token; tokens_m]; per fusion layer [x_m; b_m] = block_m([x_m; b]), then b = mean of
/// b_m over the present modalities; output = mean over the present modalities of classifier(norm(
/// class token)).
///
/// Shapes   attention inside (B, 1 + T_m + bottleneck_tokens, width), one modality at a time.
/// Missing  absent modalities neither write to the bottleneck nor count in the output; a row
///          without any keeps all, one learned token each.
/// Cost     B * (self_layers + fusion_layers) * sum over m of ((T_m + bottleneck_tokens)^2 * 2
///          width + 8 T_m width^2) multiply-adds at mlp_ratio 2: no map of all tokens by all.
///          Parameters: self.<modality>.<layer>.*, fusion.<modality>.<layer>.*, bottleneck.
/// Source   Nagrani et al. 2021, arXiv:2107.00135.
class Mbt : public Fusion {
 public:
  Mbt(const Context& context, const Config& config, const std::string& where) : Fusion(context) {
    check_several(context, where);
    tokens_ = register_module("tokens", TokenProjection(context, config, where));
    bottleneck_ = register_parameter("bottleneck",
                                     0.02 * torch::randn({config.bottleneck_tokens, config.width}));
    const auto classes = register_folder(this, "class_tokens"),
               self = register_folder(this, "self"), fusion = register_folder(this, "fusion");
    for (const std::string& name : module_names(context.modalities)) {
      class_tokens_.push_back(
          classes->register_parameter(name, 0.02 * torch::randn({config.width})));
      self_.push_back(register_blocks(self.get(), name, config.self_layers, config));
      fusion_.push_back(register_blocks(fusion.get(), name, config.fusion_layers, config));
    }
    norm_ = register_module("norm", layers::LayerNorm(config.width));
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    classifier_ = register_module("classifier", layers::Linear(config.width, context.num_outputs));
  }

 protected:
  Fused compute(const std::vector<Encoded>& encoded) override {
    Fused fused;
    std::vector<Attention>* maps = wants_attention ? &fused.attention : nullptr;
    const std::vector<std::string>& names = context_.modalities;
    const Tensor counted = ops::counted(presence(encoded));  // [B, M]
    std::vector<Tokens> parts = tokens_->forward(encoded);
    for (size_t m = 0; m < parts.size(); ++m) {
      parts[m] = with_class_token(class_tokens_[m], parts[m]);
      for (size_t l = 0; l < self_[m].size(); ++l)
        parts[m].values = attend(self_[m][l], parts[m], parts[m], names[m], names[m], maps, l);
    }
    const int64_t B = counted.size(0), K = bottleneck_.size(0);
    Tokens between = {bottleneck_.expand({B, K, bottleneck_.size(1)}),
                      at::ones({B, K}, counted.options())};
    const size_t layers = fusion_[0].size();
    for (size_t l = 0; l < layers; ++l) {
      const bool is_last = l + 1 == layers;  // nobody reads what it would write
      std::vector<Tensor> written;
      for (size_t m = 0; m < parts.size(); ++m) {
        const Tokens both = join_tokens({parts[m], between});
        const Tensor seen = attend(fusion_[m][l], is_last ? parts[m] : both, both, names[m],
                                   names[m], maps, self_[m].size() + l);
        const int64_t T = parts[m].values.size(1);
        parts[m].values = seen.narrow(/*dim=*/1, 0, T);
        if (!is_last) written.push_back(seen.narrow(/*dim=*/1, T, K));  // [B, K, width]
      }
      if (!is_last) between.values = mean(written, counted);
    }
    std::vector<Tensor> outputs;
    for (const Tokens& part : parts)
      outputs.push_back(classifier_->forward(
          dropout_->forward(norm_->forward(part.values.select(/*dim=*/1, 0)))));  // [B, O]
    fused.output = mean(outputs, counted);
    return fused;
  }

 private:
  // Over the modalities that count. Shapes   each (B, ...), counted (B, M) -> (B, ...).
  static Tensor mean(const std::vector<Tensor>& parts, const Tensor& counted) {
    const Tensor all = at::stack(parts, /*dim=*/1);  // [B, M, ...]
    const Tensor sum = keep_where(counted, all).sum(/*dim=*/1);
    std::vector<int64_t> shape(static_cast<size_t>(sum.dim()), 1);
    shape[0] = sum.size(0);
    return sum / counted.sum(/*dim=*/1).to(sum.scalar_type()).view(shape);
  }

  TokenProjection tokens_{nullptr};
  Tensor bottleneck_;
  std::vector<Tensor> class_tokens_;
  std::vector<std::vector<layers::TransformerBlock>> self_, fusion_;  // [modality][layer]
  layers::LayerNorm norm_{nullptr};
  layers::Dropout dropout_{nullptr};
  layers::Linear classifier_{nullptr};
};

}  // namespace

extern const Method mbt = {
    "mbt",
    "Bottleneck Transformer: modalities exchange through a few tokens between them.",
    "Nagrani et al. 2021, arXiv:2107.00135",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "An absent modality writes nothing to the bottleneck and does not count in the output.",
    "Long sequences of several modalities: most of the exchange at little cost.",
    describe_config<Config>,
    make_from<Mbt, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
