// Hybrid fusion: every modality reads every other one's tokens, direction by direction.
#include "fusion/tokens.h"
#include "layers/layers.h"

namespace braid::fusion {
namespace {

struct Config : TransformerConfig {
  int64_t cross_layers = 2;
  int64_t memory_layers = 1;
  int64_t window = 0;
  template <class V>
  void visit(V& v) {
    TransformerConfig::visit(v);
    v("window", window, at_least(0),
      "of self-attention: a token sees its own run of so many places and the two beside; 0 = all");
    v("cross_layers", cross_layers, at_least(1), "cross-modal blocks per direction");
    v("memory_layers", memory_layers, at_least(0),
      "self-attention blocks over what a modality has read of all others");
  }
};

/// x_m = tokens_m + positions; for each pair m, n: y = x_m, then per layer y = cross_mn(y, x_n),
/// always of the other's first tokens; h_m = memory_m([y over all n]); output = classifier of the
/// means h_m with a residual MLP. The sequences need not be aligned nor of one length.
///
/// Shapes   queries (B, T_m, width) attend to keys (B, T_n, width) of the same sample only;
///          memory (B, T_m, (M - 1) * width).
/// Missing  one learned token per absent modality, in training and inference; its own tokens are
///          masked.
/// Cost     B * (cross_layers * sum over pairs of (2 T_m T_n width + 10 T_m width^2 + 2 T_n
///          width^2) + memory_layers * sum over m of (M - 1)^2 * 8 T_m width^2) multiply-adds at
///          mlp_ratio 2. Parameters: cross.<modality>.<other>.<layer>.* (the modality asks, the
///          other answers), memory.<modality>.<layer>.*.
/// Source   Tsai et al. 2019, arXiv:1906.00295. Differs: pre-norm blocks; the mean of a modality's
///          memory is classified, not its last place; encoders stand for the convolution over time.
class Mult : public Fusion {
 public:
  Mult(const Context& context, const Config& config, const std::string& where) : Fusion(context) {
    check_several(context, where);
    const size_t M = num_modalities();
    tokens_ = register_module("tokens", TokenProjection(context, config, where));
    const std::vector<std::string> names = module_names(context.modalities);
    const auto cross = register_folder(this, "cross"), memory = register_folder(this, "memory");
    TransformerConfig wide = config;
    wide.width = config.width * static_cast<int64_t>(M - 1);
    cross_.resize(M);
    for (size_t m = 0; m < M; ++m) {
      const auto queries = register_folder(cross.get(), names[m]);
      for (size_t n = 0; n < M; ++n)
        if (n != m)
          cross_[m].push_back(register_blocks(queries.get(), names[n], config.cross_layers, config,
                                              /*is_cross=*/true));
      memory_.push_back(register_blocks(memory.get(), names[m], config.memory_layers, wide,
                                        /*is_cross=*/false, config.window));
    }
    const int64_t joined = wide.width * static_cast<int64_t>(M);
    norm_ = register_module("norm", layers::LayerNorm(joined));
    mlp_ = register_module(
        "mlp", layers::Mlp(joined, std::vector<int64_t>{joined}, joined, config.dropout));
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    classifier_ = register_module("classifier", layers::Linear(joined, context.num_outputs));
  }

 protected:
  Fused compute(const std::vector<Encoded>& encoded) override {
    Fused fused;
    std::vector<Attention>* maps = wants_attention ? &fused.attention : nullptr;
    const std::vector<std::string>& names = context_.modalities;
    std::vector<Tokens> first = tokens_->forward(encoded);
    for (Tokens& x : first)
      x.values =
          x.values + layers::sinusoid(x.values.size(1), x.values.size(2), x.values);  // [B, T, w]
    std::vector<Tensor> pooled;
    for (size_t m = 0; m < first.size(); ++m) {
      std::vector<Tensor> read;
      for (size_t k = 0; k < cross_[m].size(); ++k) {
        const size_t n = k < m ? k : k + 1;
        Tokens y = first[m];
        for (size_t l = 0; l < cross_[m][k].size(); ++l)
          y.values = attend(cross_[m][k][l], y, first[n], names[m], names[n] + kAsEncoded, maps, l);
        read.push_back(y.values);  // [B, T_m, width]
      }
      Tokens memory = {at::cat(read, /*dim=*/2), first[m].mask};  // [B, T_m, (M - 1) * width]
      for (size_t l = 0; l < memory_[m].size(); ++l)
        memory.values = attend(memory_[m][l], memory, memory, names[m], names[m], maps,
                               cross_[m][0].size() + l);
      pooled.push_back(layers::masked_mean(memory.values, memory.mask));
    }
    const Tensor joined = norm_->forward(at::cat(pooled, /*dim=*/1));  // [B, M * (M - 1) * width]
    const Tensor last = joined + dropout_->forward(mlp_->forward(joined));
    fused.output = classifier_->forward(last);  // [B, O]
    return fused;
  }

 private:
  TokenProjection tokens_{nullptr};
  std::vector<std::vector<std::vector<layers::TransformerBlock>>> cross_;  // [modality][other]
  std::vector<std::vector<layers::TransformerBlock>> memory_;              // [modality]
  layers::LayerNorm norm_{nullptr};
  layers::Mlp mlp_{nullptr};
  layers::Dropout dropout_{nullptr};
  layers::Linear classifier_{nullptr};
};

}  // namespace

extern const Method mult = {
    "mult",
    "Directional cross-modal Transformers: each modality reads each other one, unaligned.",
    "Tsai et al. 2019, arXiv:1906.00295",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "One learned token stands for an absent modality.",
    "Unaligned sequences of different lengths: words, frames, sound.",
    describe_config<Config>,
    make_from<Mult, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
