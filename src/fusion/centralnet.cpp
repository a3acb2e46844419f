// A central network that reads every stage of the encoders.
#include <algorithm>

#include "fusion/fusion.h"
#include "layers/layers.h"

namespace braid::fusion {
namespace {

struct Config {
  int64_t width = 64;
  double dropout = 0.3;
  template <class V>
  void visit(V& v) {
    v("width", width, at_least(1), "width of the central network's layers");
    v("dropout", dropout, between(0, 0.95), "dropout after each central layer");
  }
};

/// h_(i+1) = relu(W_i (a_i h_i + sum over m of a_mi P_mi x_mi) + b_i) with h_1 = 0, x_mi what stage
/// i of modality m hands on (its taps, then its pooled vector) and learned alphas a, at first 1 for
/// the central layer and 1 / M for M modalities; output = classifier(h of the last stage). Encoders
/// of fewer stages join later, so that all end together.
///
/// Missing  an absent modality leaves the sums; the alphas of those present grow in proportion, to
///          the same sum of |a_mi| as with all. A row without any has sums of zeros.
/// Cost     B * width * (sum of all stages' widths + stages * width) multiply-adds, and the pooling
///          of the stages. Parameters: alphas.<modality> (its stages), central_alphas (stages - 1),
///          projections.<modality>.<stage>.weight, layers.<stage>.*, classifier.*.
/// Source   Vielzeuf et al. 2018, arXiv:1808.07275. Differs: stages are joined as pooled vectors,
///          brought to one width by P; the modalities' own losses, which the paper adds to the
///          central one, are train.balance.unimodal_loss.
class CentralNet : public Fusion {
 public:
  CentralNet(const Context& context, const Config& config, const std::string& where)
      : Fusion(context) {
    check_several(context, where);
    for (size_t m = 0; m < num_modalities(); ++m)
      num_stages_ = std::max(num_stages_, tap_widths(m).size() + 1);
    const auto alphas = register_folder(this, "alphas"), stages = register_folder(this, "layers");
    const auto projections = register_folder(this, "projections");
    const std::vector<std::string> names = module_names(context.modalities);
    for (size_t m = 0; m < names.size(); ++m) {
      std::vector<int64_t> widths = tap_widths(m);
      widths.push_back(context.widths[m]);
      first_stage_.push_back(num_stages_ - widths.size());
      const auto folder = register_folder(projections.get(), names[m]);
      projections_.emplace_back();
      for (size_t k = 0; k < widths.size(); ++k)
        projections_[m].push_back(folder->register_module(
            std::to_string(k),
            layers::Linear(torch::nn::LinearOptions(widths[k], config.width).bias(false))));
      alphas_.push_back(alphas->register_parameter(
          names[m], at::full({static_cast<int64_t>(widths.size())}, 1.0)));
    }
    average_at_first();
    if (num_stages_ > 1)
      central_alphas_ =
          register_parameter("central_alphas", at::ones({static_cast<int64_t>(num_stages_) - 1}));
    for (size_t i = 0; i < num_stages_; ++i)
      layers_.push_back(
          stages->register_module(std::to_string(i), layers::Linear(config.width, config.width)));
    dropout_ = register_module("dropout", layers::Dropout(config.dropout));
    classifier_ = register_module("classifier", layers::Linear(config.width, context.num_outputs));
  }
  bool reads_taps() const override { return true; }

 protected:
  bool reads_tokens() const override { return false; }

  Fused compute(const std::vector<Encoded>& encoded) override {
    Tensor h;
    for (size_t i = 0; i < num_stages_; ++i) {
      Tensor sum = modalities_at(i, encoded);  // [B, width]
      if (i > 0) sum = sum + central_alphas_.select(/*dim=*/0, static_cast<int64_t>(i) - 1) * h;
      h = dropout_->forward(layers_[i]->forward(sum, ops::Activation::relu));
    }
    Fused fused;
    fused.output = classifier_->forward(h);  // [B, O]
    return fused;
  }

 private:
  // The modalities that have a stage i of all.
  std::vector<size_t> joining(size_t i) const {
    std::vector<size_t> all;
    for (size_t m = 0; m < first_stage_.size(); ++m)
      if (i >= first_stage_[m]) all.push_back(m);
    return all;
  }

  void average_at_first() {
    const torch::NoGradGuard no_grad;
    for (size_t i = 0; i < num_stages_; ++i)
      for (size_t m : joining(i)) alpha(i, m).fill_(1.0 / static_cast<double>(joining(i).size()));
  }

  // a_mi. Shapes   -> scalar.
  Tensor alpha(size_t i, size_t m) const {
    return alphas_[m].select(/*dim=*/0, static_cast<int64_t>(i - first_stage_[m]));
  }

  // The sum over m. Shapes   -> (B, width).
  Tensor modalities_at(size_t i, const std::vector<Encoded>& encoded) {
    std::vector<Tensor> alphas, present;
    Tensor sum;
    for (size_t m : joining(i)) {
      const size_t k = i - first_stage_[m];
      const Encoded& e = encoded[m];
      // P has no bias, so what is absent, zeros, adds nothing.
      const Tensor part =
          alpha(i, m) * projections_[m][k]->forward(k < e.taps.size() ? e.taps[k] : e.pooled);
      sum = sum.defined() ? sum + part : part;  // [B, width]
      alphas.push_back(alpha(i, m));
      present.push_back(e.present);
    }
    const Tensor here = at::stack(present, /*dim=*/1);  // [B, m]
    if (!at::GradMode::is_enabled() && is_known_true(here)) return sum;
    constexpr double kTiny = 1e-6;
    const Tensor sizes = at::stack(alphas).abs();  // [m]
    const Tensor kept =
        here.to(sizes.dtype()).mul(sizes).sum(/*dim=*/1, /*keepdim=*/true);  // [B, 1]
    return sum * (sizes.sum() / kept.clamp_min(kTiny));
  }

  size_t num_stages_ = 1;
  std::vector<size_t> first_stage_;                       // [modality]
  std::vector<Tensor> alphas_;                            // [modality]
  Tensor central_alphas_;                                 // undefined with a single stage
  std::vector<std::vector<layers::Linear>> projections_;  // [modality][its stage]
  std::vector<layers::Linear> layers_;                    // [stage]
  layers::Dropout dropout_{nullptr};
  layers::Linear classifier_{nullptr};
};

}  // namespace

extern const Method centralnet = {
    "centralnet",
    "A central network reads every stage of the encoders, each weighed by a learned alpha.",
    "Vielzeuf et al. 2018, arXiv:1808.07275",
    Family::hybrid,
    /*reads_raw=*/false,
    supports_all,
    "An absent modality leaves the sums; the alphas of those present grow in its place.",
    "Detail that the encoders' last layers lose; with train.balance.unimodal_loss as in the paper.",
    describe_config<Config>,
    make_from<CentralNet, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
