// Soft-DTW against its definition over all paths, finite differences, and DTW in the limit.
#include "align/soft_dtw.h"

#include "align/dtw_reference.h"

namespace braid::align {
namespace {

using namespace reference;

SoftOptions with(double gamma, Cost cost = Cost::squared) {
  SoftOptions options;
  options.gamma = gamma;
  options.cost = cost;
  return options;
}

// Every path's cost, one by one.
void all_costs(const Sequence& a, const Sequence& b, Cost cost, int64_t i, int64_t j, double sum,
               std::vector<double>* costs) {
  sum += cost_of(a, b, i, j, cost);
  if (i == a.length - 1 && j == b.length - 1) costs->push_back(sum);
  if (i + 1 < a.length) all_costs(a, b, cost, i + 1, j, sum, costs);
  if (j + 1 < b.length) all_costs(a, b, cost, i, j + 1, sum, costs);
  if (i + 1 < a.length && j + 1 < b.length) all_costs(a, b, cost, i + 1, j + 1, sum, costs);
}

using Value = std::function<double(const Sequence&, const Sequence&)>;

// Central differences of both sequences against the gradient.
void expect_gradient(std::vector<double> x, std::vector<double> y, int64_t width,
                     const SoftWarp& soft, const Value& value) {
  constexpr double kStep = 1e-5;
  const auto compare = [&](std::vector<double>* moved, const std::vector<double>& gradient) {
    ASSERT_EQ(gradient.size(), moved->size());
    for (size_t k = 0; k < moved->size(); ++k) {
      const double here = (*moved)[k];
      (*moved)[k] = here + kStep;
      const double more = value({x, width}, {y, width});
      (*moved)[k] = here - kStep;
      const double less = value({x, width}, {y, width});
      (*moved)[k] = here;
      EXPECT_NEAR(gradient[k], (more - less) / (2 * kStep), 1e-6 * (1 + std::fabs(gradient[k])));
    }
  };
  compare(&x, soft.gradient_a);
  compare(&y, soft.gradient_b);
}

TEST(soft_dtw, a_worked_example) {
  // a = 0 1, b = 0 1: squared costs 0 1 / 1 0. Three paths: 0, 1 and 1, so
  // -log(1 + 2 / e) = -0.551445.
  const std::vector<double> a = {0, 1};
  EXPECT_NEAR(soft_dtw(a, a), -0.5514447, 1e-7);
  // E of the corner cells is 1, of the other two (1 / e) / (1 + 2 / e) = 0.211942 each. The costs'
  // slopes by a_0 are 0 and -2 (0 - 1 = -1), by a_1 2 and 0.
  const SoftWarp soft = soft_dtw_gradient(a, a);
  EXPECT_NEAR(soft.gradient_a[0], -2 * 0.2119416, 1e-6);
  EXPECT_NEAR(soft.gradient_a[1], 2 * 0.2119416, 1e-6);
}

TEST(soft_dtw, equals_the_sum_over_all_paths) {
  for (uint64_t seed = 0; seed < 30; ++seed)
    for (const Cost cost : {Cost::squared, Cost::absolute})
      for (const double gamma : {0.1, 1.0, 10.0}) {
        const auto n = static_cast<int64_t>(1 + seed % 5), m = static_cast<int64_t>(1 + seed % 6);
        const auto x = random_walk(n, 2, seed), y = random_walk(m, 2, seed + 100);
        std::vector<double> costs;
        all_costs({x, 2}, {y, 2}, cost, 0, 0, 0, &costs);
        const double least = *std::min_element(costs.begin(), costs.end());
        double sum = 0;
        for (double each : costs) sum += std::exp((least - each) / gamma);
        const double expected = least - gamma * std::log(sum);
        const double given = soft_dtw({x, 2}, {y, 2}, with(gamma, cost));
        EXPECT_NEAR(given, expected, 1e-10 * (1 + std::fabs(expected)));
        EXPECT_NEAR(soft_dtw_gradient({x, 2}, {y, 2}, with(gamma, cost)).value, given, 1e-10);
        EXPECT_LE(given, least + 1e-10);
      }
}

TEST(soft_dtw, the_gradient_is_that_of_finite_differences) {
  for (uint64_t seed = 0; seed < 10; ++seed)
    for (const Cost cost : {Cost::squared, Cost::absolute})
      for (const double gamma : {0.2, 1.0, 5.0}) {
        const auto x = random_walk(9, 2, seed), y = random_walk(6, 2, seed + 100);
        const SoftOptions options = with(gamma, cost);
        expect_gradient(
            x, y, 2, soft_dtw_gradient({x, 2}, {y, 2}, options),
            [&](const Sequence& a, const Sequence& b) { return soft_dtw(a, b, options); });
      }
}

TEST(soft_dtw, the_divergence_and_its_gradient) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    const auto x = random_walk(8, 1, seed), y = random_walk(5, 1, seed + 100);
    const auto value = [](const Sequence& a, const Sequence& b) {
      return soft_dtw(a, b) - (soft_dtw(a, a) + soft_dtw(b, b)) / 2;
    };
    const SoftWarp soft = soft_dtw_divergence(x, y);
    EXPECT_NEAR(soft.value, value(x, y), 1e-10);
    EXPECT_GT(soft.value, 0);
    expect_gradient(x, y, 1, soft, value);
  }
  const auto x = random_walk(12, 2, 3);
  const SoftWarp same = soft_dtw_divergence({x, 2}, {x, 2});
  EXPECT_NEAR(same.value, 0, 1e-12);
  for (double slope : same.gradient_a) EXPECT_NEAR(slope, 0, 1e-12);
}

TEST(soft_dtw, a_small_gamma_is_dtw) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto x = random_walk(60, 1, seed), y = random_walk(50, 1, seed + 100);
    const double exact = warp_distance(x, y);
    EXPECT_NEAR(soft_dtw(x, y, with(1e-9)), exact, 1e-6);
    // The gradient is then that of the one cheapest path.
    const SoftWarp soft = soft_dtw_gradient(x, y, with(1e-9));
    std::vector<double> expected(x.size());
    for (const auto& [i, j] : warp_path(x, y).path)
      expected[static_cast<size_t>(i)] +=
          2 * (x[static_cast<size_t>(i)] - y[static_cast<size_t>(j)]);
    for (size_t k = 0; k < x.size(); ++k) EXPECT_NEAR(soft.gradient_a[k], expected[k], 1e-6);
  }
}

TEST(soft_dtw, large_costs_and_small_gammas_stay_finite) {
  auto x = random_walk(200, 1, 1), y = random_walk(300, 1, 2);
  for (double& value : x) value *= 1e6;
  for (const double gamma : {1e-12, 1e12}) {
    const SoftWarp soft = soft_dtw_gradient(x, y, with(gamma));
    EXPECT_TRUE(std::isfinite(soft.value));
    for (double slope : soft.gradient_a) EXPECT_TRUE(std::isfinite(slope));
    for (double slope : soft.gradient_b) EXPECT_TRUE(std::isfinite(slope));
  }
}

TEST(soft_dtw, errors_name_what_is_wrong) {
  const std::vector<double> good = {1, 2, 3}, gap = {1, NAN}, none;
  expect_error(ErrorKind::usage, "gamma: expected a number above 0, got 0; take warp_distance()",
               [&] { soft_dtw(good, good, with(0)); });
  expect_error(ErrorKind::usage, "gamma: expected a number above 0, got nan",
               [&] { soft_dtw(good, good, with(NAN)); });
  expect_error(ErrorKind::data, "second sequence: row 1", [&] { soft_dtw_gradient(good, gap); });
  expect_error(ErrorKind::data, "at least one row", [&] { soft_dtw(none, good); });
  SoftOptions tight;
  tight.limit_bytes = 60;
  expect_error(ErrorKind::usage, "a table within 60 bytes, got 3 x 3 numbers",
               [&] { soft_dtw_gradient(good, good, tight); });
  const std::vector<double> high = {1e200}, low = {-1e200};
  expect_error(ErrorKind::numeric, "scale the sequences", [&] { soft_dtw(high, low); });
}

}  // namespace
}  // namespace braid::align
