#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

// h = tanh(W z) = (tanh 1, tanh 2) as values.*; gate from [z_a; z_b].
std::shared_ptr<Fusion> by_hand() {
  auto fusion = make_fusion("gmu", {{"width", 1}, {"hidden", Json::array()}}, two_of(1, 1, 1));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 1);
  set_parameter(*fusion, "values.a.weight", matrix({{1}}));
  set_parameter(*fusion, "values.b.weight", matrix({{1}}));
  set_parameter(*fusion, "gates.a.weight", matrix({{1, 0}}));
  return fusion;
}

TEST(gmu, one_gate_shares_two_modalities) {
  // sigmoid(1) = 0.731059, tanh 1 = 0.761594, tanh 2 = 0.964028:
  // 0.731059 * 0.761594 + 0.268941 * 0.964028 = 0.816037
  const Fused fused =
      by_hand()->forward({one_token(matrix({{1}}), {1}), one_token(matrix({{2}}), {1})});
  EXPECT_NEAR(fused.output.item<double>(), 0.816037, 1e-5);
}

TEST(gmu, the_present_one_of_two_counts_alone) {
  auto fusion = by_hand();
  EXPECT_NEAR(fusion->forward({one_token(matrix({{1}}), {1}), one_token(matrix({{2}}), {0})})
                  .output.item<double>(),
              0.761594, 1e-5);
  EXPECT_NEAR(fusion->forward({one_token(matrix({{1}}), {0}), one_token(matrix({{2}}), {1})})
                  .output.item<double>(),
              0.964028, 1e-5);
  EXPECT_EQ(fusion->forward({one_token(matrix({{1}}), {0}), one_token(matrix({{2}}), {0})})
                .output.item<double>(),
            0);
}

TEST(gmu, three_modalities_have_a_gate_each) {
  auto fusion = make_fusion("gmu", {{"width", 1}, {"hidden", Json::array()}},
                            {{"a", "b", "c"}, {1, 1, 1}, 1, Activation::identity});
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 1);
  for (const char* name : {"values.a.weight", "values.b.weight", "values.c.weight"})
    set_parameter(*fusion, name, matrix({{1}}));
  // Gates of sigmoid(0) = 1/2 for those that are there: (tanh 1 + tanh 3) / 2
  const Fused fused = fusion->forward({one_token(matrix({{1}}), {1}), one_token(matrix({{2}}), {0}),
                                       one_token(matrix({{3}}), {1})});
  EXPECT_NEAR(fused.output.item<double>(), (std::tanh(1) + std::tanh(3)) / 2, 1e-6);
}

TEST(gmu, one_modality_is_refused) { refuses_one_modality("gmu"); }

}  // namespace
}  // namespace braid::fusion
