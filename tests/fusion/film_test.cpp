#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(film, the_other_modality_scales_and_shifts) {
  auto fusion = make_fusion("film", {{"width", 2}, {"hidden", Json::array()}}, two_of(2, 1, 4));
  zero_parameters(*fusion);
  pass_joined_vector(*fusion, 4);
  set_parameter(*fusion, "inputs.a.weight", torch::eye(2));
  set_parameter(*fusion, "blocks.a.weight", torch::eye(2));
  // b = 1 makes gamma = (1, 0) and beta = (0, 3) for a.
  set_parameter(*fusion, "modulations.a.weight", matrix({{1}, {0}, {0}, {3}}));
  const Fused fused =
      fusion->forward({one_token(matrix({{4, 2}}), {1}), one_token(matrix({{1}}), {1})});
  // x = (4, 2), norm (1, -1); relu((1 + 1) * 1, (1 + 0) * -1 + 3) = (2, 2); added: (6, 4).
  EXPECT_TRUE(close(fused.output, matrix({{6, 4, 0, 0}}), 1e-4));
}

TEST(film, an_absent_modality_gives_zeros_and_modulates_by_its_learned_vector) {
  auto fusion = make_fusion("film", {{"width", 2}, {"hidden", Json::array()}}, two_of(2, 1, 4));
  pass_joined_vector(*fusion, 4);
  const Tensor learned = matrix({{0.5}});
  set_parameter(*fusion, "missing.b", learned[0]);
  const Encoded a = one_token(matrix({{4, 2}}), {1});
  const Tensor absent = fusion->forward({a, one_token(matrix({{7}}), {0})}).output;
  const Tensor stood_in = fusion->forward({a, one_token(learned, {1})}).output;
  EXPECT_TRUE(close(absent.slice(1, 0, 2), stood_in.slice(1, 0, 2), 1e-6));
  EXPECT_TRUE(close(absent.slice(1, 2, 4), matrix({{0, 0}}), 0));
}

TEST(film, one_modality_is_refused) { refuses_one_modality("film"); }

}  // namespace
}  // namespace braid::fusion
