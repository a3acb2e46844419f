#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(pearson, is_the_linear_correlation) {
  // Deviations -2 -1 0 1 2 and -2 0 -1 2 1: products 4 + 0 + 0 + 2 + 2 = 8, squares 10 and 10.
  EXPECT_NEAR(find("pearson").value(regression({1, 3, 2, 5, 4}, {1, 2, 3, 4, 5})), 0.8, 1e-12);
  EXPECT_NEAR(find("pearson").value(regression({-10, -20, -30}, {1, 2, 3})), -1, 1e-12);
}

TEST(pearson, is_undefined_for_a_constant) {
  EXPECT_TRUE(std::isnan(find("pearson").value(regression({.1, .1, .1}, {1, 2, 3}))));
  EXPECT_TRUE(std::isnan(find("pearson").value(regression({1, 2, 3}, {.1, .1, .1}))));
}
