// Each modality's tokens, scaled and shifted by what the others say.
#include "fusion/vectors.h"

namespace braid::fusion {
namespace {

struct Config : VectorConfig {
  int64_t width = 64;
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(1), "width of the modulated tokens");
    VectorConfig::visit(v);
  }
};

/// Feature-wise linear modulation: x = relu(U_m tokens_m), y = norm(W_m x), (gamma, beta) = V_m
/// [z_n of all n != m], v_m = mean over tokens of x + relu((1 + gamma) y + beta); output =
/// classifier([v_1; ...; v_M]). norm is a layer norm without parameters.
///
/// Missing  an absent modality gives zeros itself; for the others a learned vector stands for it.
/// Cost     B * width * sum over m of T_m * (D_m + width) multiply-adds.
/// Source   Perez et al. 2018, arXiv:1709.07871. Differs: every modality is modulated by all
/// others, and one block suffices for tokens that an encoder made.
class Film : public Fusion {
 public:
  Film(const Context& context, const Config& config, const std::string& where) : Fusion(context) {
    check_several(context, where);
    missing_ = register_module("missing", MissingVectors(context, config.missing));
    inputs_ = register_maps(this, "inputs", context, config.width);
    const std::vector<std::string> names = module_names(context.modalities);
    auto blocks = register_folder(this, "blocks");
    auto modulations = register_folder(this, "modulations");
    for (size_t m = 0; m < names.size(); ++m) {
      // Without a bias: the norm would take its mean away, and beta shifts what is left.
      blocks_.push_back(blocks->register_module(
          names[m],
          layers::Linear(torch::nn::LinearOptions(config.width, config.width).bias(false))));
      modulations_.push_back(modulations->register_module(
          names[m], layers::Linear(total_width(context) - context.widths[m], 2 * config.width)));
    }
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    const int64_t joined = config.width * static_cast<int64_t>(names.size());
    classifier_ = register_module(
        "classifier", layers::Mlp(joined, config.hidden, context.num_outputs, config.dropout));
  }

 protected:
  Fused compute(const std::vector<Encoded>& encoded) override {
    const std::vector<Tensor> vectors = missing_->replace(encoded);
    std::vector<Tensor> parts;
    for (size_t m = 0; m < encoded.size(); ++m) {
      std::vector<Tensor> others = vectors;
      others.erase(others.begin() + static_cast<int64_t>(m));
      const Tensor both = modulations_[m]->forward(at::cat(others, /*dim=*/1)).unsqueeze(1);
      const auto scale_and_shift = both.chunk(2, /*dim=*/2);  // each [B, 1, width]
      const Tensor x = inputs_[m]->forward(encoded[m].tokens, ops::Activation::relu);
      const Tensor y = at::layer_norm(blocks_[m]->forward(x), {x.size(2)});  // [B, T, width]
      const Tensor modulated = x + at::relu((1 + scale_and_shift[0]) * y + scale_and_shift[1]);
      parts.push_back(layers::masked_mean(modulated, encoded[m].mask));  // [B, width]
    }
    Fused fused;
    fused.output = classifier_->forward(dropout_->forward(at::cat(parts, /*dim=*/1)));  // [B, O]
    return fused;
  }

 private:
  MissingVectors missing_{nullptr};
  std::vector<layers::Linear> inputs_, blocks_, modulations_;
  layers::Dropout dropout_{nullptr};
  layers::Mlp classifier_{nullptr};
};

}  // namespace

extern const Method film = {
    "film",
    "Feature-wise modulation: the other modalities scale and shift each one's features.",
    "Perez et al. 2018, arXiv:1709.07871",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "An absent modality gives zeros; for the others a learned vector stands for it.",
    "One modality says how another is to be read: a question and a picture.",
    describe_config<Config>,
    make_from<Film, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
