#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(mae, is_the_mean_absolute_error) {
  // Errors -.5, .5, 0, 1: 2 / 4 (example of scikit-learn).
  EXPECT_DOUBLE_EQ(find("mae").value(regression({2.5, 0, 2, 8}, {3, -.5, 2, 7})), 0.5);
}
