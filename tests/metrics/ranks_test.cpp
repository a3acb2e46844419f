#include "metrics/ranks.h"

#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(ranks, share_the_mean_where_values_tie) {
  // Sorted: 1 (1), 3 3 3 (2 3 4: mean 3), 9 (5).
  EXPECT_EQ(mid_ranks({3, 9, 3, 1, 3}), (std::vector<double>{3, 5, 3, 1, 3}));
  EXPECT_EQ(mid_ranks({7, 7}), (std::vector<double>{1.5, 1.5}));
  EXPECT_TRUE(mid_ranks({}).empty());
}

TEST(ranks, correlation_of_small_series) {
  // Deviations -1 0 1 and 1/3 -2/3 1/3: products 0.
  EXPECT_NEAR(correlation({1, 2, 3}, {2, 1, 2}), 0, 1e-12);
  // Deviations -1 0 1 and -1 1 0: 1 / sqrt(2 * 2).
  EXPECT_NEAR(correlation({1, 2, 3}, {1, 3, 2}), 0.5, 1e-12);
  EXPECT_TRUE(std::isnan(correlation({}, {})));
  EXPECT_TRUE(std::isnan(correlation({1}, {2})));
}

TEST(ranks, mean_and_constancy) {
  EXPECT_DOUBLE_EQ(mean({1, 2, 6}), 3);
  EXPECT_TRUE(std::isnan(mean({})));
  EXPECT_TRUE(is_constant({.1, .1}));
  EXPECT_FALSE(is_constant({.1, .2}));
}
