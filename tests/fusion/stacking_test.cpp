#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

const Context kTwo = {{"a", "b"}, {1, 1}, 2, Activation::softmax};

TEST(stacking, starts_as_the_mean_of_the_outputs) {
  auto fusion = make_fusion("stacking", Json::object(), kTwo);
  // ((1 + 5) / 2, (2 + 10) / 2)
  EXPECT_TRUE(close(fusion->combine(stacked({matrix({{1, 2}, {5, 10}})}), bools({{1, 1}})).output,
                    matrix({{3, 6}}), 1e-6));
}

TEST(stacking, decision_layer_reads_outputs_and_presence) {
  auto fusion = make_fusion("stacking", Json::object(), kTwo);
  EXPECT_EQ(shape_of(fusion->named_parameters()["decision_layer.weight"]), "[2, 6]");
  set_parameter(*fusion, "decision_layer.weight",
                matrix({{1, 10, 100, 1000, 0.5, 0.25}, {0, 0, 0, 0, 0, 1}}));
  set_parameter(*fusion, "decision_layer.bias", torch::tensor({2.0f, 0.0f}));
  const Tensor outputs = stacked({matrix({{1, 2}, {3, 4}}), matrix({{1, 2}, {3, 4}})});
  // Both: 1 + 20 + 300 + 4000 + 0.75 + 2. Without b: its outputs and its presence are zeros: 21 +
  // 0.5 + 2.
  EXPECT_TRUE(close(fusion->combine(outputs, bools({{1, 1}, {1, 0}})).output,
                    matrix({{4323.75, 1}, {23.5, 0}}), 1e-3));
}

TEST(stacking, nothing_present_reads_the_missing_outputs) {
  auto fusion = make_fusion("stacking", Json::object(), kTwo);
  set_parameter(*fusion, "heads.a.missing", torch::tensor({1.0f, 2.0f}));
  set_parameter(*fusion, "heads.b.missing", torch::tensor({5.0f, 10.0f}));
  const Fused fused =
      fusion->forward({one_token(matrix({{8}}), {0}), one_token(matrix({{8}}), {0})});
  EXPECT_TRUE(close(fused.output, matrix({{3, 6}}), 1e-6));
}

TEST(stacking, the_textbooks_layer_without_presence) {
  auto fusion = make_fusion("stacking", {{"presence", false}},
                            {{"text", "image", "audio"}, {4, 5, 6}, 10, Activation::softmax});
  EXPECT_EQ(shape_of(fusion->named_parameters()["decision_layer.weight"]), "[10, 30]");
  EXPECT_EQ(shape_of(fusion->named_parameters()["decision_layer.bias"]), "[10]");
}

TEST(stacking, the_decision_is_the_layer) {
  auto fusion = make_fusion("stacking", Json::object(), kTwo);
  const std::vector<Tensor> decision = fusion->decision_parameters();
  ASSERT_EQ(decision.size(), 2u);
  EXPECT_TRUE(decision[0].is_same(fusion->named_parameters()["decision_layer.weight"]));
  EXPECT_TRUE(decision[1].is_same(fusion->named_parameters()["decision_layer.bias"]));
}

}  // namespace
}  // namespace braid::fusion
