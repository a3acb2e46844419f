#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(r2, is_the_share_of_variance_explained) {
  // Squared errors 1.5. Mean target 2.875, deviations .125 -3.375 -.875 4.125: squares 29.1875.
  EXPECT_DOUBLE_EQ(find("r2").value(regression({2.5, 0, 2, 8}, {3, -.5, 2, 7})), 1 - 1.5 / 29.1875);
}

TEST(r2, is_zero_for_the_mean_and_negative_for_worse) {
  EXPECT_DOUBLE_EQ(find("r2").value(regression({2, 2, 2}, {1, 2, 3})), 0);
  // Squared errors 4 0 4 = 8 against 2: 1 - 4.
  EXPECT_DOUBLE_EQ(find("r2").value(regression({3, 2, 1}, {1, 2, 3})), -3);
}

TEST(r2, is_undefined_for_constant_targets) {
  // The mean of ten times .1 is not .1 in floating point; still constant.
  EXPECT_TRUE(std::isnan(
      find("r2").value(regression(std::vector<double>(10, .2), std::vector<double>(10, .1)))));
}
