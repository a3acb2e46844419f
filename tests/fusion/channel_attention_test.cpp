#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(channel_attention, each_feature_is_gated_by_all) {
  auto fusion =
      make_fusion("channel_attention", {{"ratio", 2}, {"hidden", Json::array()}}, two_of(1, 1, 2));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 2);
  set_parameter(*fusion, "gates.0.weight", matrix({{1, 1}}));
  set_parameter(*fusion, "gates.2.weight", matrix({{1}, {-1}}));
  // relu(2 + 1) = 3; 2 sigmoid(3) = 1.905148, 1 sigmoid(-3) = 0.047426.
  EXPECT_TRUE(
      close(fusion->forward({one_token(matrix({{2}}), {1}), one_token(matrix({{1}}), {1})}).output,
            matrix({{1.905148, 0.047426}}), 1e-5));
}

}  // namespace
}  // namespace braid::fusion
