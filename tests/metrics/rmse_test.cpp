#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(rmse, is_the_root_of_the_mean_square) {
  // Errors -.5, .5, 0, 1: squares .25 .25 0 1, mean .375 (example of scikit-learn).
  EXPECT_DOUBLE_EQ(find("rmse").value(regression({2.5, 0, 2, 8}, {3, -.5, 2, 7})),
                   std::sqrt(0.375));
}

TEST(rmse, refuses_a_target_that_is_not_finite) {
  EXPECT_EQ(error_of([] {
              find("rmse").value(regression({1, 2}, {1, std::nan("")}));
            }),
            "data: rmse: target 1: expected a finite number, got nan; leave the sample out");
}
