#include <gtest/gtest.h>

#include "support/fusion_checks.h"

namespace braid::fusion {
namespace {

using namespace checks;

// Linear views that hand the vectors on.
double auxiliary(const Tensor& a, const Tensor& b, const std::vector<double>& present_b) {
  const int64_t width = a.size(1);
  auto fusion = make_fusion("deep_cca",
                            {{"width", width},
                             {"view_hidden", Json::array()},
                             {"dropout", 0},
                             {"correlation", 1},
                             {"ridge", 1e-9}},
                            two_of(width, width, 1));
  for (const std::string name : {"a", "b"}) {
    set_parameter(*fusion, "views." + name + ".0.weight", torch::eye(width));
    set_parameter(*fusion, "views." + name + ".0.bias", torch::zeros({width}));
  }
  fusion->to(at::kDouble);
  const std::vector<double> all(static_cast<size_t>(a.size(0)), 1);
  return fusion
      ->forward({one_token(a.to(at::kDouble), all), one_token(b.to(at::kDouble), present_b)})
      .auxiliary.item<double>();
}

std::vector<double> everyone(int64_t rows) {
  return std::vector<double>(static_cast<size_t>(rows), 1);
}

TEST(deep_cca, one_number_each_gives_the_squared_correlation) {
  // Deviations (-1.5, -0.5, 0.5, 1.5) and (-1, -2, 1, 2): covariance 6, variances 5 and 10.
  EXPECT_NEAR(auxiliary(matrix({{1}, {2}, {3}, {4}}), matrix({{3}, {2}, {5}, {6}}), everyone(4)),
              -36.0 / 50, 1e-6);
}

TEST(deep_cca, whatever_is_linear_in_the_other_is_fully_correlated) {
  auto random = at::detail::createCPUGenerator(/*seed=*/4);
  const Tensor a = at::randn({50, 3}, random), mixing = at::randn({3, 3}, random);
  EXPECT_NEAR(auxiliary(a, at::matmul(a, mixing) + 5, everyone(50)), -1, 1e-5);
  // Of 2000 independent rows the expected squared correlations are 9 / 2000 in all.
  const Tensor x = at::randn({2000, 3}, random), y = at::randn({2000, 3}, random);
  EXPECT_NEAR(auxiliary(x, y, everyone(2000)), 0, 0.01);
}

TEST(deep_cca, pairs_are_correlated_over_rows_that_have_both) {
  const Tensor a = matrix({{1}, {2}, {3}, {4}, {100}}), b = matrix({{3}, {2}, {5}, {6}, {-7}});
  EXPECT_NEAR(auxiliary(a, b, {1, 1, 1, 1, 0}), -36.0 / 50, 1e-6);
  EXPECT_EQ(auxiliary(a, b, {0, 1, 0, 0, 0}), 0);  // one row varies in nothing
  EXPECT_EQ(auxiliary(a, b, {0, 0, 0, 0, 0}), 0);
}

TEST(deep_cca, views_are_classified_side_by_side) {
  auto fusion = make_fusion(
      "deep_cca",
      {{"width", 1}, {"view_hidden", Json::array()}, {"hidden", Json::array()}, {"dropout", 0}},
      two_of(1, 1, 2));
  for (const std::string name : {"a", "b"}) {
    set_parameter(*fusion, "views." + name + ".0.weight", matrix({{2}}));
    set_parameter(*fusion, "views." + name + ".0.bias", torch::tensor({1.0f}));
  }
  pass_joined_vector(*fusion, 2);
  EXPECT_TRUE(
      close(fusion->forward({one_token(matrix({{3}}), {1}), one_token(matrix({{5}}), {0})}).output,
            matrix({{7, 0}}), 1e-6));
}

TEST(deep_cca, one_modality_is_refused) { refuses_one_modality("deep_cca"); }

}  // namespace
}  // namespace braid::fusion
