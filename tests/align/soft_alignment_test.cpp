#include "align/soft_alignment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "align/soft_dtw.h"
#include "core/error.h"
#include "core/rng.h"

namespace braid::align {
namespace {

std::vector<double> random_costs(int64_t count, uint64_t seed) {
  Rng random(seed);
  std::vector<double> costs;
  for (int64_t i = 0; i < count; ++i) costs.push_back(random.uniform(0, 2));
  return costs;
}

TEST(soft_alignment, two_by_two_by_hand) {
  // Paths: down and right (0, 2, 3), right and down (0, 1, 3), both (0, 3), costs 1 2 / 4 3.
  // exp of their negative sums: e^-8, e^-6, e^-4.
  const std::vector<double> costs = {1, 2, 4, 3};
  const double down = std::exp(-8), right = std::exp(-6), both = std::exp(-4);
  const double all = down + right + both;
  const SoftAlignment got = soft_alignment(costs.data(), 2, 2, /*gamma=*/1);
  EXPECT_NEAR(got.value, -std::log(all), 1e-12);
  EXPECT_NEAR(got.expected[0], 1, 1e-12);
  EXPECT_NEAR(got.expected[1], right / all, 1e-12);
  EXPECT_NEAR(got.expected[2], down / all, 1e-12);
  EXPECT_NEAR(got.expected[3], 1, 1e-12);
}

TEST(soft_alignment, is_soft_dtw_of_the_costs) {
  const std::vector<double> a = {0, 1, 3, 2, 2}, b = {0.5, 2, 2.5};
  std::vector<double> costs;
  for (double x : a)
    for (double y : b) costs.push_back((x - y) * (x - y));
  SoftOptions options;
  options.gamma = 0.7;
  const double expected = soft_dtw({a.data(), 5, 1}, {b.data(), 3, 1}, options);
  EXPECT_NEAR(soft_alignment(costs.data(), 5, 3, 0.7).value, expected, 1e-12);
}

TEST(soft_alignment, the_expected_alignment_is_the_gradient) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const int64_t N = 4, M = 6;
    std::vector<double> costs = random_costs(N * M, seed);
    const std::vector<double> expected = soft_alignment(costs.data(), N, M, 0.3).expected;
    for (size_t i = 0; i < costs.size(); ++i) {
      const double step = 1e-6, at = costs[i];
      costs[i] = at + step;
      const double above = soft_alignment(costs.data(), N, M, 0.3).value;
      costs[i] = at - step;
      const double below = soft_alignment(costs.data(), N, M, 0.3).value;
      costs[i] = at;
      EXPECT_NEAR(expected[i], (above - below) / (2 * step), 1e-7);
    }
  }
}

TEST(soft_alignment, its_derivative_matches_finite_differences) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const int64_t N = 5, M = 3;
    const std::vector<double> costs = random_costs(N * M, seed);
    const std::vector<double> direction = random_costs(N * M, seed + 1000);
    const std::vector<double> got =
        soft_alignment_derivative(costs.data(), N, M, 0.4, direction.data());
    const double step = 1e-6;
    std::vector<double> above = costs, below = costs;
    for (size_t i = 0; i < costs.size(); ++i) {
      above[i] += step * direction[i];
      below[i] -= step * direction[i];
    }
    const std::vector<double> up = soft_alignment(above.data(), N, M, 0.4).expected;
    const std::vector<double> down = soft_alignment(below.data(), N, M, 0.4).expected;
    for (size_t i = 0; i < costs.size(); ++i)
      EXPECT_NEAR(got[i], (up[i] - down[i]) / (2 * step), 1e-6);
  }
}

TEST(soft_alignment, a_small_gamma_finds_the_one_path) {
  // The diagonal is free, all else dear.
  std::vector<double> costs(16, 1.0);
  for (size_t i = 0; i < 4; ++i) costs[5 * i] = 0;
  const SoftAlignment got = soft_alignment(costs.data(), 4, 4, 0.01);
  EXPECT_NEAR(got.value, 0, 1e-6);
  for (size_t i = 0; i < 16; ++i) EXPECT_NEAR(got.expected[i], i % 5 == 0 ? 1 : 0, 1e-6);
}

TEST(soft_alignment, large_costs_stay_finite) {
  const std::vector<double> costs(9, 1e6);
  const SoftAlignment got = soft_alignment(costs.data(), 3, 3, 1e-3);
  EXPECT_NEAR(got.value, 3e6, 1);
  for (const double e : got.expected) EXPECT_TRUE(std::isfinite(e));
}

TEST(soft_alignment, errors) {
  const double cost = 1;
  EXPECT_THROW(soft_alignment(&cost, 1, 1, 0), Error);
  EXPECT_THROW(soft_alignment(&cost, 0, 1, 1), Error);
}

}  // namespace
}  // namespace braid::align
