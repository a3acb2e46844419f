// Expected weights are softmax over the present modalities, worked by hand.
#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

// Softmax of (ln 1, ln 2, ln 5) is (1, 2, 5) / 8.
std::shared_ptr<Fusion> one_two_five(const Json& config, Activation activation,
                                     int64_t num_outputs) {
  auto fusion =
      make_fusion("weighted", config, {{"a", "b", "c"}, {1, 1, 1}, num_outputs, activation});
  set_parameter(*fusion, "decision_weights", torch::tensor({1.0f, 2.0f, 5.0f}).log());
  return fusion;
}

TEST(weighted, weights_are_renormalised_over_the_present) {
  auto fusion = one_two_five(Json::object(), Activation::identity, 1);
  const Tensor values = stacked({matrix({{8}, {16}, {24}})}).expand({4, 3, 1});
  const Fused fused = fusion->combine(values, bools({{1, 1, 1}, {1, 1, 0}, {0, 0, 1}, {0, 0, 0}}));
  EXPECT_TRUE(
      close(fused.weights,
            matrix({{0.125, 0.25, 0.625}, {1.0 / 3, 2.0 / 3, 0}, {0, 0, 1}, {0.125, 0.25, 0.625}}),
            1e-6));
  // 1 + 4 + 15 = 20; 8/3 + 32/3 = 40/3; 24; nothing present: all count, 20
  EXPECT_TRUE(close(fused.output, matrix({{20}, {40.0 / 3}, {24}, {20}}), 1e-5));
  EXPECT_EQ(fused.weights[1][2].item<float>(), 0.0f);
}

TEST(weighted, arithmetic_mean_of_probabilities) {
  auto fusion = one_two_five({{"of", "probabilities"}}, Activation::softmax, 2);
  const Tensor opinions = stacked({matrix({{0.8, 0.2}, {0.6, 0.4}, {0.2, 0.8}}).log()});
  // 0.8 / 8 + 2 * 0.6 / 8 + 5 * 0.2 / 8 = 3 / 8
  EXPECT_TRUE(close(fusion->combine(opinions, bools({{1, 1, 1}})).output.softmax(1),
                    matrix({{0.375, 0.625}}), 1e-6));
}

TEST(weighted, geometric_mean_of_probabilities) {
  auto fusion = one_two_five({{"of", "logits"}}, Activation::softmax, 2);
  // Odds 1, 2^4 and 1 with weights 1/8, 2/8, 5/8: 2^(4 * 2 / 8) = 2 : 1
  const Tensor opinions = stacked({matrix({{0.5, 0.5}, {16.0 / 17, 1.0 / 17}, {0.5, 0.5}}).log()});
  EXPECT_TRUE(close(fusion->combine(opinions, bools({{1, 1, 1}})).output.softmax(1),
                    matrix({{2.0 / 3, 1.0 / 3}}), 1e-6));
}

TEST(weighted, starts_with_equal_weights) {
  auto fusion =
      make_fusion("weighted", Json::object(), {{"a", "b"}, {1, 1}, 1, Activation::identity});
  EXPECT_TRUE(same_bits(fusion->combine(stacked({matrix({{1}, {2}})}), bools({{1, 1}})).weights,
                        matrix({{0.5, 0.5}})));
}

TEST(weighted, the_decision_is_one_number_per_modality) {
  auto fusion = one_two_five(Json::object(), Activation::softmax, 2);
  const std::vector<Tensor> decision = fusion->decision_parameters();
  ASSERT_EQ(decision.size(), 1u);
  EXPECT_TRUE(decision[0].is_same(fusion->named_parameters()["decision_weights"]));
  EXPECT_EQ(shape_of(decision[0]), "[3]");
}

TEST(weighted, an_absent_modality_gives_its_weight_no_gradient) {
  auto fusion = one_two_five(Json::object(), Activation::identity, 1);
  fusion->combine(stacked({matrix({{8}, {16}, {24}})}), bools({{1, 1, 0}})).output.sum().backward();
  const Tensor grad = fusion->decision_parameters()[0].grad();
  // d/da_i sum_j w_j v_j = w_i (v_i - mean), mean 40/3: (1/3)(8 - 40/3) = -16/9, (2/3)(16 - 40/3) =
  // 16/9
  EXPECT_TRUE(close(grad, torch::tensor({-16.0f / 9, 16.0f / 9, 0.0f}), 1e-5));
}

}  // namespace
}  // namespace braid::fusion
