#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(mmtm, a_joint_summary_gates_each_modality) {
  auto fusion = make_fusion("mmtm", {{"ratio", 2}, {"hidden", Json::array()}}, two_of(1, 1, 2));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 2);
  set_parameter(*fusion, "squeeze.weight", matrix({{1, 1}}));
  set_parameter(*fusion, "excite.a.weight", matrix({{1}}));
  // s = relu(2 + 1) = 3; a: 2 sigmoid(3) * 2 = 3.810297, b: 2 sigmoid(0) * 1 = 1.
  EXPECT_TRUE(
      close(fusion->forward({one_token(matrix({{2}}), {1}), one_token(matrix({{1}}), {1})}).output,
            matrix({{3.810297, 1}}), 1e-5));
  // s = relu(-2 + 1) = 0: nothing is gated, 2 sigmoid(0) = 1.
  EXPECT_TRUE(
      close(fusion->forward({one_token(matrix({{-2}}), {1}), one_token(matrix({{1}}), {1})}).output,
            matrix({{-2, 1}}), 1e-6));
}

TEST(mmtm, the_summary_is_a_quarter_of_all_features) {
  auto fusion = make_fusion("mmtm", Json::object(), two_of(10, 6, 2));
  EXPECT_EQ(shape_of(fusion->named_parameters()["squeeze.weight"]), "[4, 16]");
}

TEST(mmtm, one_modality_is_refused) { refuses_one_modality("mmtm"); }

}  // namespace
}  // namespace braid::fusion
