// Late fusion by majority vote.
#include "core/error.h"
#include "fusion/late.h"

namespace braid::fusion {
namespace {

// A tie between classes is decided by the summed probabilities, which this keeps below any whole
// vote.
constexpr double kTieShare = 1e-3;

struct Config : LateConfig {
  std::string weights = "learned";
  template <class V>
  void visit(V& v) {
    LateConfig::visit(v);
    v("weights", weights, one_of({"learned", "equal"}),
      "learned: a vote counts as much as it proved worth on the validation rows; equal: one "
      "modality, one vote");
  }
};

/// Each present modality votes for its likeliest class (each label: yes or no); the class with the
/// largest weight of votes wins.
///
/// Missing  absent modalities do not vote.
/// Cost     B * M * O.
/// Source   Lam and Suen 1997, Application of majority voting to pattern recognition.
class Vote : public Late {
 public:
  Vote(const Context& context, const Config& config) : Late(context, config) {
    if (config.weights == "learned")
      decision_ = register_parameter(
          "decision_weights", torch::zeros({static_cast<int64_t>(context.modalities.size())}));
  }
  std::vector<Tensor> decision_parameters() override {
    return decision_.defined() ? std::vector<Tensor>{decision_} : std::vector<Tensor>{};
  }
  Fused combine(const Tensor& per_modality, const Tensor& present) override {
    const Tensor own = ops::to_averaged(per_modality, probabilities());  // [B, M, O]
    const Tensor votes = context_.activation == Activation::softmax
                             ? at::zeros_like(own).scatter(
                                   /*dim=*/2, own.argmax(/*dim=*/2, /*keepdim=*/true), 1.0)
                             : (own > 0.5).to(own.scalar_type());
    const ops::WeightedAverage mean = ops::weighted_average(
        (1.0 - kTieShare) * votes + kTieShare * own, present, decision_, ops::AverageOf::values);
    Fused fused;
    fused.output = ops::from_averaged(mean.output, probabilities());
    fused.weights = mean.weights;
    return fused;
  }

 private:
  Tensor decision_;
};

bool supports(Activation activation) { return activation != Activation::identity; }

std::shared_ptr<Fusion> make(const Json& config, const std::string& where, const Context& context) {
  BRAID_CHECK(
      supports(context.activation), config,
      "{}: vote needs classes or labels to vote for, got a regression target; use 'average'",
      where);
  return make_from<Vote, Config>(config, where, context);
}

}  // namespace

extern const Method vote = {
    "vote",
    "Majority vote of the modalities, weighted by what their votes proved worth.",
    "Lam and Suen 1997, doi:10.1109/3468.618255; weights: Littlestone and Warmuth 1994",
    Family::late,
    /*reads_raw=*/false,
    supports,
    "An absent modality does not vote.",
    "Several modalities of like worth whose probabilities cannot be trusted.",
    describe_config<Config>,
    make};

}  // namespace braid::fusion
