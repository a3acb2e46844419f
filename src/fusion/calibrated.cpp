// Late fusion of predictions whose confidence is corrected first.
#include "fusion/late.h"

namespace braid::fusion {
namespace {

/// p = softmax(mean over the present modalities of l_m / T_m), T_m = exp(t_m) a learned temperature
/// per modality: an overconfident one is cooled before it is averaged.
///
/// Missing  absent modalities do not count; the mean is over the others.
/// Cost     B * M * O multiply-adds.
/// Source   temperatures: Guo et al. 2017, arXiv:1706.04599; the mean of logits: Genest and Zidek
/// 1986. Not for values, which have no confidence.
class Calibrated : public Late {
 public:
  Calibrated(const Context& context, const LateConfig& config) : Late(context, config) {
    log_temperatures_ = register_parameter(
        "log_temperatures", torch::zeros({static_cast<int64_t>(context.modalities.size())}));
  }
  std::vector<Tensor> decision_parameters() override { return {log_temperatures_}; }
  Fused combine(const Tensor& per_modality, const Tensor& present) override {
    const Tensor cooled = per_modality * (-log_temperatures_).exp().view({1, -1, 1});  // [B, M, O]
    const ops::WeightedAverage mean =
        ops::weighted_average(cooled, present, /*numbers=*/Tensor(), log_probabilities());
    Fused fused;
    fused.output = mean.output;
    fused.weights = mean.weights;
    return fused;
  }

 private:
  Tensor log_temperatures_;
};

bool supports(Activation activation) { return activation != Activation::identity; }

}  // namespace

extern const Method calibrated = {
    "calibrated",
    "Mean of predictions after a learned temperature per modality.",
    "Guo et al. 2017, arXiv:1706.04599",
    Family::late,
    /*reads_raw=*/false,
    supports,
    "An absent modality does not count; the mean is over the present ones.",
    "Late fusion of modalities whose confidence differs in honesty.",
    describe_config<LateConfig>,
    make_from<Calibrated, LateConfig>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
