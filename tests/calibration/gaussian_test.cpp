#include "calibration/gaussian.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "support/module_checks.h"

namespace braid::calibration {
namespace {

Tensor table(const std::vector<double>& values, int64_t columns) {
  return at::tensor(values, at::kDouble).view({-1, columns});
}

// Rows of correlated columns.
Tensor correlated(int64_t rows, int64_t columns, uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  const auto options = at::TensorOptions().dtype(at::kDouble);
  return at::randn({rows, columns}, generator, options)
      .mm(at::randn({columns, columns}, generator, options));
}

TEST(gaussian, by_hand) {
  // Deviations sqrt(1 / 2) and sqrt(2): standardised, the columns have the covariance 1 and one
  // direction is left out: noise (2 - 1) / 1. (1, 2) becomes (sqrt 2, sqrt 2), squared 4, of two
  // columns: 2.
  const Gaussian g = fit_gaussian(table({1, 0, -1, 0, 0, 2, 0, -2}, 2));
  EXPECT_NEAR(log_distance(g, table({1, 2}, 2)).item<double>(), std::log(2.0), 1e-12);
  EXPECT_NEAR(log_distance(g, table({2, 4}, 2)).item<double>(), std::log(8.0), 1e-12);
}

TEST(gaussian, is_the_mahalanobis_distance_of_few_columns) {
  const Tensor rows = correlated(200, 3, 1), fresh = correlated(5, 3, 2);
  const Tensor mean = rows.mean(0);
  const Tensor covariance = (rows - mean).t().mm(rows - mean) / 200;
  const Tensor d = fresh - mean;
  const Tensor expected = (d.mm(at::inverse(covariance)) * d).sum(1) / 3;
  EXPECT_TRUE(checks::close(log_distance(fit_gaussian(rows), fresh).exp(), expected, 1e-6));
}

// Of many columns: variances along the first four of 20 / 5 directions, one for all the others.
TEST(gaussian, of_more_columns_than_rows_follows_the_formula) {
  const Tensor rows = correlated(20, 30, 3), fresh = correlated(4, 30, 4);
  const Tensor mean = rows.mean(0), deviation = (rows - mean).square().mean(0).sqrt();
  const Tensor z = (rows - mean) / deviation, f = (fresh - mean) / deviation;
  const auto [values, vectors] = at::linalg_eigh(z.t().mm(z) / 20);
  const Tensor top = values.slice(0, 26), along = f.mm(vectors.slice(1, 26));  // [4], [4, 4]
  const Tensor noise = (values.sum() - top.sum()) / 26;
  const Tensor expected =
      ((along.square() / top).sum(1) + (f.square().sum(1) - along.square().sum(1)) / noise) / 30;
  EXPECT_TRUE(checks::close(log_distance(fit_gaussian(rows), fresh).exp(), expected, 1e-8));
}

TEST(gaussian, what_was_constant_is_far_when_it_moves) {
  Tensor rows = correlated(50, 4, 5);
  rows.select(1, 3).fill_(7);
  const Gaussian g = fit_gaussian(rows);
  Tensor fresh = rows.slice(0, 0, 1).clone();
  const double before = log_distance(g, fresh).item<double>();
  fresh[0][3] = 8;
  EXPECT_GT(log_distance(g, fresh).item<double>(), before + 3);
  EXPECT_TRUE(std::isnan(log_distance(g, fresh * std::nan("")).item<double>()));
}

TEST(gaussian, identical_rows_and_many_rows_are_no_trouble) {
  checks::expect_finite(log_distance(fit_gaussian(at::ones({10, 3})), at::zeros({2, 3})));
  checks::expect_finite(log_distance(fit_gaussian(correlated(1500, 3, 6)), at::zeros({2, 3})));
}

}  // namespace
}  // namespace braid::calibration
