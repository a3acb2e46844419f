// Hybrid fusion: a few latent vectors read all tokens, however many there are.
#include "fusion/tokens.h"
#include "layers/layers.h"

namespace braid::fusion {
namespace {

struct Config : TransformerConfig {
  int64_t latents = 16;
  int64_t rounds = 2;
  int64_t latent_layers = 1;
  template <class V>
  void visit(V& v) {
    TransformerConfig::visit(v);
    v("latents", latents, at_least(1), "latent vectors that read the tokens");
    v("rounds", rounds, at_least(1), "times that the latents read all tokens");
    v("latent_layers", latent_layers, at_least(0), "self-attention blocks among them after each");
  }
};

/// Per round z = read(z, all tokens), then z = blocks(z) among the latents; output =
/// classifier(norm(mean z)).
///
/// Shapes   latents (B, latents, width) attend to (B, sum of T_m, width).
/// Missing  one learned token per absent modality, in training and inference; its own tokens are
///          masked.
/// Cost     B * rounds * (2 latents * T_all * width + 2 T_all width^2 + latent_layers * (2
///          latents^2 width + 8 latents width^2)) multiply-adds at mlp_ratio 2: linear in the
///          tokens. Parameters: latents, read.<round>.*, blocks.<round>.<layer>.*.
/// Source   Jaegle et al. 2021, arXiv:2103.03206. Differs: rounds do not share their weights;
///          positions are the encoders'.
class Perceiver : public Fusion {
 public:
  Perceiver(const Context& context, const Config& config, const std::string& where)
      : Fusion(context) {
    tokens_ = register_module("tokens", TokenProjection(context, config, where));
    latents_ = register_parameter("latents", 0.02 * torch::randn({config.latents, config.width}));
    read_ = register_blocks(this, "read", config.rounds, config, /*is_cross=*/true);
    const auto blocks = register_folder(this, "blocks");
    for (int64_t r = 0; r < config.rounds; ++r)
      blocks_.push_back(
          register_blocks(blocks.get(), std::to_string(r), config.latent_layers, config));
    norm_ = register_module("norm", layers::LayerNorm(config.width));
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    classifier_ = register_module("classifier", layers::Linear(config.width, context.num_outputs));
  }

 protected:
  Fused compute(const std::vector<Encoded>& encoded) override {
    Fused fused;
    std::vector<Attention>* maps = wants_attention ? &fused.attention : nullptr;
    const Tokens all = join_tokens(tokens_->forward(encoded));  // [B, T_all, width]
    const int64_t B = all.values.size(0), K = latents_.size(0);
    Tokens z = {latents_.expand({B, K, latents_.size(1)}), at::ones({B, K}, all.mask.options())};
    size_t layer = 0;
    for (size_t r = 0; r < read_.size(); ++r) {
      z.values = attend(read_[r], z, all, kLatents, kAllModalities, maps, layer++);
      for (layers::TransformerBlock& block : blocks_[r])
        z.values = attend(block, z, z, kLatents, kLatents, maps, layer++);
    }
    fused.output = classifier_->forward(
        dropout_->forward(norm_->forward(z.values.mean(/*dim=*/1))));  // [B, O]
    return fused;
  }

 private:
  TokenProjection tokens_{nullptr};
  Tensor latents_;
  std::vector<layers::TransformerBlock> read_;                 // [round]
  std::vector<std::vector<layers::TransformerBlock>> blocks_;  // [round][layer]
  layers::LayerNorm norm_{nullptr};
  layers::Dropout dropout_{nullptr};
  layers::Linear classifier_{nullptr};
};

}  // namespace

extern const Method perceiver = {
    "perceiver",
    "Latent vectors read the tokens of all modalities: linear in their number.",
    "Jaegle et al. 2021, arXiv:2103.03206",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "One learned token stands for an absent modality.",
    "Very many tokens: its cost grows linearly with them.",
    describe_config<Config>,
    make_from<Perceiver, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
