// Elections small enough to count by hand.
#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

std::shared_ptr<Fusion> vote(int64_t num_modalities, int64_t num_outputs,
                             Activation activation = Activation::softmax) {
  Context context = {{}, {}, num_outputs, activation};
  for (int64_t m = 0; m < num_modalities; ++m) {
    context.modalities.push_back(std::string(1, static_cast<char>('a' + m)));
    context.widths.push_back(1);
  }
  return make_fusion("vote", Json::object(), context);
}

TEST(vote, majority_wins_against_one_loud_voice) {
  const Tensor opinions =
      stacked({matrix({{0.5, 0.4, 0.1}, {0.5, 0.4, 0.1}, {0.01, 0.98, 0.01}}).log()});
  const Tensor p = vote(3, 3)->combine(opinions, bools({{1, 1, 1}})).output.softmax(1);
  // The mean would say class 1 (1.78 : 1.01). Two votes of three, and a thousandth for the sums.
  EXPECT_TRUE(close(
      p,
      matrix({{0.999 * 2 / 3 + 0.001 * 1.01 / 3, 0.999 / 3 + 0.001 * 1.78 / 3, 0.001 * 0.21 / 3}}),
      1e-6));
}

TEST(vote, tie_goes_to_the_larger_sum_of_probabilities) {
  // One vote each; 0.6 + 0.1 < 0.4 + 0.9.
  const Tensor opinions = stacked({matrix({{0.6, 0.4}, {0.1, 0.9}}).log()});
  const Tensor p = vote(2, 2)->combine(opinions, bools({{1, 1}})).output.softmax(1);
  EXPECT_TRUE(close(p, matrix({{0.999 / 2 + 0.001 * 0.35, 0.999 / 2 + 0.001 * 0.65}}), 1e-6));
  EXPECT_EQ(p.argmax(1).item<int64_t>(), 1);
}

TEST(vote, absent_modalities_do_not_vote) {
  const Tensor opinions = stacked({matrix({{0.6, 0.4}, {0.1, 0.9}, {0.1, 0.9}}).log()});
  const Fused fused = vote(3, 2)->combine(opinions, bools({{1, 0, 0}}));
  EXPECT_TRUE(close(fused.output.softmax(1), matrix({{0.999 + 0.001 * 0.6, 0.001 * 0.4}}), 1e-6));
  EXPECT_TRUE(same_bits(fused.weights, matrix({{1, 0, 0}})));
}

TEST(vote, each_label_is_an_election) {
  const Tensor p = matrix({{0.9, 0.9}, {0.6, 0.4}, {0.1, 0.4}});
  const Tensor yes = vote(3, 2, Activation::sigmoid)
                         ->combine(stacked({p.logit()}), bools({{1, 1, 1}}))
                         .output.sigmoid();
  // Two of three say yes to label 0 (mean 1.6/3), one of three to label 1 (though the mean
  // is 1.7/3).
  EXPECT_TRUE(
      close(yes, matrix({{0.999 * 2 / 3 + 0.001 * 1.6 / 3, 0.999 / 3 + 0.001 * 1.7 / 3}}), 1e-6));
}

TEST(vote, tied_labels_follow_the_mean_probability) {
  const Tensor p = matrix({{0.9, 0.6}, {0.4, 0.1}});  // means 0.65 and 0.35
  const Tensor yes = vote(2, 2, Activation::sigmoid)
                         ->combine(stacked({p.logit()}), bools({{1, 1}}))
                         .output.sigmoid();
  EXPECT_TRUE(same_bits(yes > 0.5, bools({{1, 0}})));
}

TEST(vote, learned_weights_overrule_the_majority) {
  const auto fusion = vote(3, 2);
  {
    torch::NoGradGuard no_grad;
    // Weights 4, 1, 1 of 6: one vote against two, 4/6 against 2/6.
    fusion->decision_parameters()[0].copy_(torch::tensor({4.0, 1.0, 1.0}).log());
  }
  const Tensor opinions = stacked({matrix({{0.6, 0.4}, {0.1, 0.9}, {0.1, 0.9}}).log()});
  const Fused fused = fusion->combine(opinions, bools({{1, 1, 1}}));
  EXPECT_TRUE(close(fused.weights, matrix({{4.0 / 6, 1.0 / 6, 1.0 / 6}}), 1e-6));
  EXPECT_EQ(fused.output.argmax(1).item<int64_t>(), 0);
}

TEST(vote, equal_weights_have_no_parameter) {
  const Context context = {{"a", "b"}, {1, 1}, 2, Activation::softmax};
  EXPECT_TRUE(
      make_fusion("vote", Json{{"weights", "equal"}}, context)->decision_parameters().empty());
}

TEST(vote, regression_is_refused) {
  expect_error(ErrorKind::config,
               "model.fusion: vote needs classes or labels to vote for, got a regression target; "
               "use 'average'",
               [] { vote(2, 1, Activation::identity); });
  EXPECT_FALSE(find("vote").supports(Activation::identity));
  EXPECT_TRUE(find("vote").supports(Activation::softmax));
  EXPECT_TRUE(find("vote").supports(Activation::sigmoid));
}

}  // namespace
}  // namespace braid::fusion
