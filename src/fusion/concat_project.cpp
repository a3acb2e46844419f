// The textbook's hybrid: vectors side by side, projected and normalised, then a classifier.
#include "fusion/missing.h"
#include "layers/layers.h"

namespace braid::fusion {
namespace {

struct Config {
  int64_t width = 128;
  std::vector<int64_t> hidden = {128};
  double dropout = 0.3;
  std::string missing = "learned";
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(1), "width of the projection");
    v("hidden", hidden, at_least(1), "hidden widths of the classifier");
    v("dropout", dropout, between(0, 0.95),
      "dropout before the projection and inside the classifier");
    v("missing", missing, one_of({"learned", "zero"}), "vector that stands for an absent modality");
  }
};

/// output = classifier(norm(relu(W [z_1; ...; z_M]))).
///
/// Missing  a learned vector per modality, the same in training and inference.
/// Cost     B * width * (hidden + sum of D) multiply-adds.
class ConcatProject : public Fusion {
 public:
  ConcatProject(const Context& context, const Config& config) : Fusion(context) {
    missing_ = register_module("missing", MissingVectors(context, config.missing));
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    fusion_layer_ =
        register_module("fusion_layer", layers::Linear(total_width(context), config.width));
    norm_ = register_module("norm", layers::LayerNorm(config.width));
    classifier_ = register_module("classifier", layers::Mlp(config.width, config.hidden,
                                                            context.num_outputs, config.dropout));
  }

 protected:
  bool reads_tokens() const override { return false; }
  Fused compute(const std::vector<Encoded>& encoded) override {
    const Tensor x = dropout_->forward(missing_->concat(encoded));  // [B, sum D]
    const Tensor fused_vector =
        norm_->forward(fusion_layer_->forward(x, ops::Activation::relu));  // [B, width]
    Fused fused;
    fused.output = classifier_->forward(fused_vector);  // [B, O]
    return fused;
  }

 private:
  MissingVectors missing_{nullptr};
  layers::Dropout dropout_{nullptr};
  layers::Linear fusion_layer_{nullptr};
  layers::LayerNorm norm_{nullptr};
  layers::Mlp classifier_{nullptr};
};

}  // namespace

extern const Method concat_project = {
    "concat_project",
    "Concatenation, a projection with normalisation, then a classifier: the textbook's hybrid.",
    "",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "A learned vector stands for an absent modality.",
    "As concat, where the encoders' vectors differ in scale or the classifier overfits.",
    describe_config<Config>,
    make_from<ConcatProject, Config>};

}  // namespace braid::fusion
