// Late fusion whose weights are votes won one after the other.
#include <cmath>

#include "fusion/late.h"

namespace braid::fusion {
namespace {

// What a modality that was never chosen keeps of a vote: next to nothing beside others, all where
// it is the only one present.
constexpr double kLeastVotes = 0.01;

struct Config : AveragingConfig {
  int64_t rounds = 20;
  template <class V>
  void visit(V& v) {
    AveragingConfig::visit(v);
    v("rounds", rounds, at_least(1), "votes to give away; more give finer weights");
  }
};

/// Mean of the modalities' predictions, each counted as often as it was chosen. Fitting gives one
/// vote after the other, each to the modality with which the validation loss becomes the least, and
/// keeps as many as made the best ensemble.
///
/// Missing  absent modalities do not count; the others' votes are scaled up.
/// Cost     B * M * O; fitting rounds * M evaluations of the validation rows.
/// Source   Caruana et al. 2004, doi:10.1145/1015330.1015432 (with replacement). Differs: chosen
///          among modalities, not among hundreds of models. With train.late=joint the votes are
///          learned by gradients, as those of 'weighted'.
class Greedy : public Averaging {
 public:
  Greedy(const Context& context, const Config& config)
      : Averaging(context, config), rounds_(config.rounds) {
    // The logarithm of each one's votes: the weights are their softmax.
    decision_ = register_parameter("decision_weights",
                                   torch::zeros({static_cast<int64_t>(context.modalities.size())}));
  }
  std::vector<Tensor> decision_parameters() override { return {decision_}; }
  Fused combine(const Tensor& per_modality, const Tensor& present) override {
    return average(per_modality, present, decision_);
  }
  bool fit_decision(const Tensor& per_modality, const Tensor& present,
                    const std::function<double(const Tensor& output)>& loss) override {
    const torch::NoGradGuard no_grad;
    const auto M = static_cast<size_t>(decision_.size(0));
    std::vector<double> votes(M), best;
    double least = 0;
    for (int64_t round = 0; round < rounds_; ++round) {
      size_t chosen = M;
      double chosen_loss = 0;
      for (size_t m = 0; m < M; ++m) {
        votes[m] += 1;
        set(votes);
        const double value = loss(combine(per_modality, present).output);
        votes[m] -= 1;
        if (chosen == M || value < chosen_loss) {
          chosen = m;
          chosen_loss = value;
        }
      }
      votes[chosen] += 1;
      if (best.empty() || chosen_loss < least) {
        best = votes;
        least = chosen_loss;
      }
    }
    set(best);
    return true;
  }

 private:
  void set(const std::vector<double>& votes) {
    for (size_t m = 0; m < votes.size(); ++m)
      decision_[static_cast<int64_t>(m)] = std::log(votes[m] + kLeastVotes);
  }

  int64_t rounds_;
  Tensor decision_;
};

}  // namespace

extern const Method greedy = {
    "greedy",
    "Mean of the modalities' predictions, weighted by votes won one after the other.",
    "Caruana et al. 2004, doi:10.1145/1015330.1015432",
    Family::late,
    /*reads_raw=*/false,
    supports_all,
    "An absent modality does not count.",
    "Late fusion with few validation rows, where learned weights would overfit.",
    describe_config<Config>,
    make_from<Greedy, Config>,
    /*is_on_request=*/true};

}  // namespace braid::fusion
