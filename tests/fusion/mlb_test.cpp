#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(mlb, a_product_of_squashed_projections) {
  auto fusion = make_fusion("mlb", {{"width", 1}, {"hidden", Json::array()}}, two_of(1, 1, 1));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 1);
  set_parameter(*fusion, "maps.a.weight", matrix({{1}}));
  set_parameter(*fusion, "maps.b.weight", matrix({{2}}));
  EXPECT_NEAR(fusion->forward({one_token(matrix({{1}}), {1}), one_token(matrix({{-1}}), {1})})
                  .output.item<double>(),
              std::tanh(1) * std::tanh(-2), 1e-6);
}

TEST(mlb, one_modality_is_refused) { refuses_one_modality("mlb"); }

}  // namespace
}  // namespace braid::fusion
