#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

Context classes() { return {{"a", "b"}, {1, 1}, 2, Activation::softmax}; }

TEST(calibrated, logits_are_cooled_before_the_mean) {
  auto fusion = make_fusion("calibrated", Json::object(), classes());
  set_parameter(*fusion, "log_temperatures", torch::tensor({2.0f, 1.0f}).log());
  // Differences of logits 4 and 1: (4 / 2 + 1 / 1) / 2 = 1.5.
  const Tensor opinions = stacked({matrix({{4, 0}, {1, 0}})});
  const Fused fused = fusion->combine(opinions, bools({{1, 1}}));
  EXPECT_NEAR((fused.output[0][0] - fused.output[0][1]).item<double>(), 1.5, 1e-6);
  EXPECT_TRUE(close(fused.weights, matrix({{0.5, 0.5}}), 0));
  const Tensor alone = fusion->combine(opinions, bools({{1, 0}})).output;
  EXPECT_NEAR((alone[0][0] - alone[0][1]).item<double>(), 2, 1e-6);
}

TEST(calibrated, starts_as_the_plain_mean_and_learns_temperatures) {
  auto fusion = make_fusion("calibrated", Json::object(), classes());
  auto average = make_fusion("average", Json::object(), classes());
  const Tensor opinions = stacked({matrix({{4, 0}, {1, 0}})});
  EXPECT_TRUE(close(fusion->combine(opinions, bools({{1, 1}})).output,
                    average->combine(opinions, bools({{1, 1}})).output, 1e-6));
  EXPECT_EQ(fusion->decision_parameters().size(), 1u);
}

}  // namespace
}  // namespace braid::fusion
