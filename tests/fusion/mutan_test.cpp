#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(mutan, a_sum_of_products_of_projections) {
  auto fusion =
      make_fusion("mutan", {{"width", 2}, {"rank", 2}, {"joined", 1}, {"hidden", Json::array()}},
                  two_of(1, 1, 1));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 1);
  set_parameter(*fusion, "inputs.a.weight", matrix({{1}, {2}}));
  set_parameter(*fusion, "inputs.b.weight", matrix({{1}, {0}}));
  set_parameter(*fusion, "products.a.weight", matrix({{1, 0}, {0, 1}}));
  set_parameter(*fusion, "products.b.weight", matrix({{1, 0}, {3, 0}}));
  // tanh 1 tanh 1 + tanh 2 * 3 tanh 1
  EXPECT_NEAR(fusion->forward({one_token(matrix({{1}}), {1}), one_token(matrix({{1}}), {1})})
                  .output.item<double>(),
              std::tanh(1) * std::tanh(1) + std::tanh(2) * 3 * std::tanh(1), 1e-5);
}

TEST(mutan, a_rank_above_the_width_is_refused) {
  expect_error(ErrorKind::config, "model.fusion.rank: expected at most width (2), got 3; lower it",
               [] {
                 make_fusion("mutan", {{"width", 2}, {"rank", 3}}, two_of(1, 1, 1));
               });
}

TEST(mutan, one_modality_is_refused) { refuses_one_modality("mutan"); }

}  // namespace
}  // namespace braid::fusion
