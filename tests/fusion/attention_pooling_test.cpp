#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(attention_pooling, weights_are_a_softmax_of_the_scores) {
  auto fusion =
      make_fusion("attention_pooling", {{"width", 1}, {"hidden", Json::array()}}, two_of(1, 1, 1));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 1);
  set_parameter(*fusion, "values.a.weight", matrix({{1}}));
  set_parameter(*fusion, "values.b.weight", matrix({{1}}));
  set_parameter(*fusion, "score.weight", matrix({{1}}));
  set_parameter(*fusion, "score_vector", torch::tensor({2.0f}));
  const Encoded a = one_token(matrix({{1}}), {1});
  const Fused fused = fusion->forward({a, one_token(matrix({{0}}), {1})});
  // Scores 2 tanh 1 = 1.523188 and 0: weights 0.821007 and 0.178993; 0.821007 * 1.
  EXPECT_TRUE(close(fused.weights, matrix({{0.821007, 0.178993}}), 1e-5));
  EXPECT_NEAR(fused.output.item<double>(), 0.821007, 1e-5);
  const Fused alone = fusion->forward({a, one_token(matrix({{5}}), {0})});
  EXPECT_TRUE(close(alone.weights, matrix({{1, 0}}), 0));
  EXPECT_NEAR(alone.output.item<double>(), 1, 1e-6);
}

TEST(attention_pooling, one_modality_is_refused) { refuses_one_modality("attention_pooling"); }

}  // namespace
}  // namespace braid::fusion
