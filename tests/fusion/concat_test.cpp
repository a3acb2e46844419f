#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

const Context kTwo = {{"a", "b"}, {2, 1}, 1, Activation::identity};

// No hidden layer and weights (1, 10, 100): the digits of the concatenated vector.
std::shared_ptr<Fusion> digits(const std::string& missing) {
  auto fusion = make_fusion("concat", {{"hidden", Json::array()}, {"missing", missing}}, kTwo);
  set_parameter(*fusion, "classifier.0.weight", matrix({{1, 10, 100}}));
  set_parameter(*fusion, "classifier.0.bias", torch::zeros({1}));
  return fusion;
}

TEST(concat, vectors_side_by_side_in_the_order_of_the_modalities) {
  const Fused fused =
      digits("zero")->forward({one_token(matrix({{3, 2}}), {1}), one_token(matrix({{1}}), {1})});
  EXPECT_TRUE(same_bits(fused.output, matrix({{123}})));
}

TEST(concat, missing_zero) {
  auto fusion = digits("zero");
  const Fused fused = fusion->forward(
      {one_token(matrix({{3, 2}, {3, 2}}), {1, 0}), one_token(matrix({{1}, {1}}), {0, 1})});
  EXPECT_TRUE(same_bits(fused.output, matrix({{23}, {100}})));
  EXPECT_EQ(fusion->parameters().size(), 2u);
}

TEST(concat, missing_learned) {
  auto fusion = digits("learned");
  set_parameter(*fusion, "missing.a", torch::tensor({7.0f, 8.0f}));
  set_parameter(*fusion, "missing.b", torch::tensor({9.0f}));
  const Fused fused = fusion->forward(
      {one_token(matrix({{3, 2}, {3, 2}}), {1, 0}), one_token(matrix({{1}, {1}}), {0, 1})});
  EXPECT_TRUE(same_bits(fused.output, matrix({{923}, {187}})));
}

TEST(concat, one_hidden_layer_by_hand) {
  auto fusion = make_fusion("concat", {{"hidden", {2}}, {"missing", "zero"}}, kTwo);
  set_parameter(*fusion, "classifier.0.weight", matrix({{1, 1, 1}, {-1, -1, -1}}));
  set_parameter(*fusion, "classifier.0.bias", torch::tensor({0.0f, 1.0f}));
  set_parameter(*fusion, "classifier.2.weight", matrix({{2, 3}}));
  set_parameter(*fusion, "classifier.2.bias", torch::tensor({0.5f}));
  // relu(6) = 6 and relu(-5) = 0: 2 * 6 + 0.5. With the sum -3: 0 and relu(4) = 4: 3 * 4 + 0.5.
  const Fused fused = fusion->forward(
      {one_token(matrix({{1, 2}, {-1, -2}}), {1, 1}), one_token(matrix({{3}, {0}}), {1, 1})});
  EXPECT_TRUE(same_bits(fused.output, matrix({{12.5}, {12.5}})));
}

TEST(concat, parameters_are_named_as_in_pytorch) {
  auto fusion = make_fusion("concat", {{"hidden", {4}}}, kTwo);
  EXPECT_THAT(fusion->named_parameters().keys(),
              testing::UnorderedElementsAre("missing.a", "missing.b", "classifier.0.weight",
                                            "classifier.0.bias", "classifier.2.weight",
                                            "classifier.2.bias"));
}

}  // namespace
}  // namespace braid::fusion
