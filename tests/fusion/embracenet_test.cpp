#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

std::shared_ptr<Fusion> by_hand(int64_t width) {
  auto fusion =
      make_fusion("embracenet", {{"width", width}, {"hidden", Json::array()}, {"dropout", 0}},
                  two_of(1, 1, width));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, width);
  set_parameter(*fusion, "docking.a.weight", at::ones({width, 1}));
  set_parameter(*fusion, "docking.b.weight", at::ones({width, 1}));
  return fusion;
}

TEST(embracenet, inference_is_the_mean_of_the_present) {
  auto fusion = by_hand(2);
  const Encoded a = one_token(matrix({{1}}), {1}), b = one_token(matrix({{3}}), {1});
  EXPECT_TRUE(close(fusion->forward({a, b}).output, matrix({{2, 2}}), 1e-6));
  EXPECT_TRUE(
      close(fusion->forward({a, one_token(matrix({{3}}), {0})}).output, matrix({{1, 1}}), 1e-6));
}

TEST(embracenet, training_draws_every_feature_from_one_present_modality) {
  constexpr int64_t kWidth = 400;
  auto fusion = by_hand(kWidth);
  fusion->train();
  const ops::RandomScope scope(3);
  const Tensor drawn =
      fusion
          ->forward({one_token(matrix({{1}, {1}}), {1, 0}), one_token(matrix({{3}, {3}}), {1, 1})})
          .output;
  const int64_t ones = drawn[0].eq(1).sum().item<int64_t>();
  EXPECT_EQ(ones + drawn[0].eq(3).sum().item<int64_t>(), kWidth);
  EXPECT_NEAR(static_cast<double>(ones), kWidth / 2, 40);  // four standard deviations of 10
  EXPECT_TRUE(drawn[1].eq(3).all().item<bool>());          // the absent one is never drawn
}

TEST(embracenet, one_modality_is_refused) { refuses_one_modality("embracenet"); }

}  // namespace
}  // namespace braid::fusion
