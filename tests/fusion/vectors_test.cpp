#include "fusion/vectors.h"

#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

TEST(vectors, signed_sqrt_keeps_the_sign_and_is_flat_nowhere) {
  // 4 / sqrt(4 + 1e-6) and so on
  EXPECT_TRUE(close(signed_sqrt(torch::tensor({4.0f, -9.0f, 0.0f})),
                    torch::tensor({2.0f, -3.0f, 0.0f}), 1e-5));
  const Tensor zero = torch::zeros({1}, torch::requires_grad());
  signed_sqrt(zero).sum().backward();
  EXPECT_NEAR(zero.grad().item<double>(), 1000, 1e-2);  // 1 / sqrt(1e-6)
}

TEST(vectors, unit_rows_have_length_one_and_zeros_stay) {
  EXPECT_TRUE(close(unit_rows(matrix({{3, 4}, {0, 0}})), matrix({{0.6, 0.8}, {0, 0}}), 1e-6));
}

TEST(vectors, presence_is_one_column_per_modality) {
  EXPECT_TRUE(
      presence({one_token(matrix({{1}, {1}}), {1, 0}), one_token(matrix({{1}, {1}}), {1, 1})})
          .equal(bools({{1, 1}, {0, 1}})));
}

}  // namespace
}  // namespace braid::fusion
