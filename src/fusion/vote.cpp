// Late fusion by majority vote.
#include "core/error.h"
#include "fusion/late.h"

namespace braid::fusion {
namespace {

// A tie between classes is decided by the summed probabilities, which this keeps below any whole vote.
constexpr double kTieShare = 1e-3;

/// Each present modality votes for its likeliest class (each label: yes or no); the class with most votes wins.
///
/// Missing  absent modalities do not vote.
/// Cost     B * M * O.
/// Source   Lam and Suen 1997, Application of majority voting to pattern recognition.
class Vote : public Late {
 public:
  Vote(const Context& context, const LateConfig& config) : Late(context, config) {}
  Fused combine(const Tensor& per_modality, const Tensor& present) override {
    const Tensor weights = equal_weights(present, per_modality);
    const Tensor probabilities = to_probabilities(per_modality);  // [B, M, O]
    const Tensor votes = context_.activation == Activation::softmax
                             ? at::zeros_like(probabilities).scatter(/*dim=*/2, probabilities.argmax(/*dim=*/2, /*keepdim=*/true), 1.0)
                             : (probabilities > 0.5).to(probabilities.scalar_type());
    Fused fused;
    fused.output = to_outputs((1.0 - kTieShare) * weighted_mean(votes, weights) + kTieShare * weighted_mean(probabilities, weights));
    fused.weights = weights;
    return fused;
  }
};

bool supports(Activation activation) { return activation != Activation::identity; }

std::shared_ptr<Fusion> make(const Json& config, const std::string& where, const Context& context) {
  BRAID_CHECK(supports(context.activation), config, "{}: vote needs classes or labels to vote for, got a regression target; use 'average'", where);
  return make_from<Vote, LateConfig>(config, where, context);
}

}  // namespace

extern const Method vote = {"vote",
                            "Majority vote of the modalities; ties go to the larger summed probability.",
                            "Lam and Suen 1997, doi:10.1109/3468.618255",
                            Family::late,
                            /*reads_raw=*/false,
                            supports,
                            "An absent modality does not vote.",
                            describe_config<LateConfig>,
                            make};

}  // namespace braid::fusion
