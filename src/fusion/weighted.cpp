// Late fusion by a learned weighted mean.
#include "fusion/late.h"

namespace braid::fusion {
namespace {

/// Weights w = softmax(a) over the present modalities, one learned number a_m each.
///
/// Missing  renormalised: the present modalities' weights sum to 1.
/// Cost     B * M * O multiply-adds beside the heads.
/// Source   linear and logarithmic opinion pools: Genest and Zidek 1986.
class Weighted : public Averaging {
 public:
  Weighted(const Context& context, const AveragingConfig& config) : Averaging(context, config) {
    decision_ = register_parameter("decision_weights",
                                   torch::zeros({static_cast<int64_t>(context.modalities.size())}));
  }
  std::vector<Tensor> decision_parameters() override { return {decision_}; }
  Fused combine(const Tensor& per_modality, const Tensor& present) override {
    return average(per_modality, present, decision_);
  }

 private:
  Tensor decision_;
};

}  // namespace

extern const Method weighted = {
    "weighted",
    "Weighted mean of the modalities' own predictions, the weights learned.",
    "Genest and Zidek 1986, doi:10.1214/ss/1177013825",
    Family::late,
    /*reads_raw=*/false,
    supports_all,
    "The present modalities' weights are renormalised to sum to 1.",
    "As average, where modalities differ in worth.",
    describe_config<AveragingConfig>,
    make_from<Weighted, AveragingConfig>};

}  // namespace braid::fusion
