#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(mfb, products_are_summed_in_groups_rooted_and_scaled) {
  auto fusion = make_fusion("mfb", {{"width", 2}, {"factors", 2}, {"hidden", Json::array()}},
                            two_of(1, 1, 2));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 2);
  set_parameter(*fusion, "blocks.0.a.weight", matrix({{1}, {2}, {3}, {4}}));
  set_parameter(*fusion, "blocks.0.b.weight", matrix({{1}, {1.5}, {-1}, {-3.25}}));
  // Groups 1 * 1 + 2 * 1.5 = 4 and -3 - 13 = -16; roots 2 and -4, length sqrt(20).
  EXPECT_TRUE(
      close(fusion->forward({one_token(matrix({{1}}), {1}), one_token(matrix({{1}}), {1})}).output,
            matrix({{2, -4}}) / std::sqrt(20), 1e-5));
}

TEST(mfb, one_modality_is_refused) { refuses_one_modality("mfb"); }

}  // namespace
}  // namespace braid::fusion
