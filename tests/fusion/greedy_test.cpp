#include <gtest/gtest.h>

#include <cmath>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

// Values of two modalities; the loss is the squared distance of the mean output to a target.
std::shared_ptr<Fusion> fitted(double target, int64_t rounds) {
  auto fusion = make_fusion("greedy", {{"rounds", rounds}}, two_of(1, 1, 1));
  const Tensor outputs = torch::tensor({{{0.0f}, {1.0f}}});  // [1, 2, 1]: 0 and 1
  EXPECT_TRUE(fusion->fit_decision(outputs, bools({{1, 1}}), [&](const Tensor& output) {
    return std::pow(output.item<double>() - target, 2);
  }));
  return fusion;
}

double second_weight(Fusion& fusion) {
  return fusion.combine(torch::tensor({{{0.0f}, {1.0f}}}), bools({{1, 1}}))
      .weights[0][1]
      .item<double>();
}

TEST(greedy, votes_come_as_close_as_they_can) {
  EXPECT_NEAR(second_weight(*fitted(0.75, 4)), 0.75, 0.01);
  EXPECT_NEAR(second_weight(*fitted(0.5, 4)), 0.5, 0.01);
  EXPECT_NEAR(second_weight(*fitted(0.3, 10)), 0.3, 0.01);
  EXPECT_NEAR(second_weight(*fitted(1, 20)), 1, 0.011);  // one alone is best
}

TEST(greedy, the_best_ensemble_on_the_way_is_kept) {
  // Two votes are exact; with a third the mean can only be further away.
  EXPECT_NEAR(second_weight(*fitted(0.5, 3)), 0.5, 0.01);
}

TEST(greedy, whoever_was_never_chosen_still_speaks_where_it_is_alone) {
  auto fusion = fitted(1, 20);
  const Fused fused = fusion->combine(torch::tensor({{{0.25f}, {1.0f}}}), bools({{1, 0}}));
  EXPECT_NEAR(fused.output.item<double>(), 0.25, 1e-6);
}

}  // namespace
}  // namespace braid::fusion
