// Late fusion by a learned decision layer over all modalities' outputs.
#include "fusion/late.h"
#include "layers/layers.h"

namespace braid::fusion {
namespace {

struct Config : LateConfig {
  bool presence = true;
  template <class V>
  void visit(V& v) {
    LateConfig::visit(v);
    v("presence", presence, any(), "tell the decision layer which modalities are present");
  }
};

/// output = W [l_1; ...; l_M; presence] + b. It starts as the mean of the outputs.
///
/// Shapes   decision_layer.weight (O, M * O + M), or (O, M * O) without presence: the textbook's
/// late fusion. Missing  an absent modality's outputs are zeros and its presence is 0. Cost     B *
/// M * O * O multiply-adds beside the heads. Source   Wolpert 1992, Stacked generalization.
class Stacking : public Late {
 public:
  Stacking(const Context& context, const Config& config)
      : Late(context, config), has_presence_(config.presence) {
    const int64_t M = static_cast<int64_t>(context.modalities.size()), O = context.num_outputs;
    decision_ =
        register_module("decision_layer", layers::Linear(M * O + (has_presence_ ? M : 0), O));
    torch::NoGradGuard no_grad;
    decision_->weight.zero_();
    decision_->bias.zero_();
    for (int64_t m = 0; m < M; ++m)
      decision_->weight.narrow(/*dim=*/1, m * O, O).copy_(torch::eye(O) / static_cast<double>(M));
  }
  std::vector<Tensor> decision_parameters() override {
    return {decision_->weight, decision_->bias};
  }
  Fused combine(const Tensor& per_modality, const Tensor& present) override {
    // A row with nothing present keeps the modalities' outputs for "missing": the prior.
    const Tensor counted = is_known_true(present) ? present : ops::counted(present);  // [B, M]
    Tensor x = keep_where(counted, per_modality).flatten(/*start_dim=*/1);            // [B, M * O]
    if (has_presence_) x = at::cat({x, present.to(x.scalar_type())}, /*dim=*/1);  // [B, M * O + M]
    Fused fused;
    fused.output = decision_->forward(x);  // [B, O]
    return fused;
  }

 private:
  bool has_presence_;
  layers::Linear decision_{nullptr};
};

}  // namespace

extern const Method stacking = {
    "stacking",
    "A learned decision layer over all modalities' own outputs.",
    "Wolpert 1992, doi:10.1016/S0893-6080(05)80023-1",
    Family::late,
    /*reads_raw=*/false,
    supports_all,
    "An absent modality's outputs are zeros, and the decision layer is told.",
    "Modalities that are each good alone and err on different classes.",
    describe_config<Config>,
    make_from<Stacking, Config>};

}  // namespace braid::fusion
