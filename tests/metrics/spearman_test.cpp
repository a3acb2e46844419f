#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(spearman, correlates_ranks_with_ties) {
  // Ranks 1 2.5 2.5 4 and 1 2 3 4: products 2.25 + 0 + 0 + 2.25 = 4.5, squares 4.5 and 5.
  EXPECT_NEAR(find("spearman").value(regression({10, 20, 20, 100}, {1, 2, 3, 4})),
              4.5 / std::sqrt(4.5 * 5), 1e-12);
}

TEST(spearman, is_one_for_any_rising_change) {
  EXPECT_NEAR(find("spearman").value(regression({1, 8, 27, 64}, {1, 2, 3, 4})), 1, 1e-12);
}

TEST(spearman, is_undefined_for_a_constant) {
  EXPECT_TRUE(std::isnan(find("spearman").value(regression({2, 2, 2}, {1, 2, 3}))));
}
