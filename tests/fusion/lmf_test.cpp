#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(lmf, equals_the_full_tensor_with_the_weights_that_its_factors_make) {
  constexpr int64_t kRank = 3, kWidth = 2;
  auto fusion = make_fusion("lmf", {{"rank", kRank}, {"width", kWidth}, {"hidden", Json::array()}},
                            two_of(2, 3, kWidth));
  pass_joined_vector(*fusion, kWidth);
  const auto parameters = fusion->named_parameters();
  const Tensor fa = parameters["factors.a"], fb = parameters["factors.b"];  // [R, D + 1, width]
  const Tensor full = at::einsum("r,rih,rjh->ijh", {parameters["rank_weights"], fa, fb});
  const Tensor a = matrix({{2, -1}}), b = matrix({{1, 3, 0.5}});
  const Tensor one = at::ones({1, 1});
  const Tensor expected =
      at::einsum("bi,bj,ijh->bh", {at::cat({one, a}, 1), at::cat({one, b}, 1), full});
  EXPECT_TRUE(
      close(fusion->forward({one_token(a, {1}), one_token(b, {1})}).output, expected, 1e-5));
}

TEST(lmf, every_factor_is_trained) {
  auto fusion = make_fusion("lmf", {{"rank", 3}}, two_of(2, 3, 1));
  fusion->forward({one_token(matrix({{1, 2}}), {1}), one_token(matrix({{1, 2, 3}}), {1})})
      .output.sum()
      .backward();
  for (const char* name : {"factors.a", "factors.b"}) {
    const Tensor gradient = fusion->named_parameters()[name].grad();  // [R, D + 1, width]
    ASSERT_TRUE(gradient.defined()) << name;
    EXPECT_TRUE((gradient.abs().sum({1, 2}) > 0).all().item<bool>()) << name;  // of every rank
  }
}

TEST(lmf, a_rank_that_no_tensor_has_is_refused) {
  // (2 + 1) x (3 + 1) matrices have rank 3 at most.
  expect_error(
      ErrorKind::config,
      "model.fusion.rank: expected at most 3 for modalities of these widths, got 4; lower it", [] {
        make_fusion("lmf", {{"rank", 4}}, two_of(2, 3, 1));
      });
}

TEST(lmf, one_modality_is_refused) { refuses_one_modality("lmf"); }

}  // namespace
}  // namespace braid::fusion
