#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(mfh, the_second_block_multiplies_the_products_of_the_first) {
  auto fusion =
      make_fusion("mfh", {{"width", 2}, {"factors", 1}, {"order", 2}, {"hidden", Json::array()}},
                  two_of(1, 1, 4));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 4);
  set_parameter(*fusion, "blocks.0.a.weight", matrix({{4}, {9}}));
  set_parameter(*fusion, "blocks.0.b.weight", matrix({{1}, {1}}));
  set_parameter(*fusion, "blocks.1.a.weight", matrix({{4}, {1}}));
  set_parameter(*fusion, "blocks.1.b.weight", matrix({{1}, {1}}));
  // Products (4, 9), then (16, 9): roots (2, 3) / sqrt(13) and (4, 3) / 5.
  const double length = std::sqrt(13);
  EXPECT_TRUE(
      close(fusion->forward({one_token(matrix({{1}}), {1}), one_token(matrix({{1}}), {1})}).output,
            matrix({{2 / length, 3 / length, 0.8, 0.6}}), 1e-5));
}

TEST(mfh, one_modality_is_refused) { refuses_one_modality("mfh"); }

}  // namespace
}  // namespace braid::fusion
