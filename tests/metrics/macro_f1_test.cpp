#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(macro_f1, averages_over_classes_that_appear) {
  // Class 0: 2 * 1 / (1 + 2) = 2 / 3. Class 1: 2 * 1 / (2 + 2) = 1 / 2. Class 2 is only predicted:
  // 0. Class 3 appears nowhere. (2 / 3 + 1 / 2 + 0) / 3 = 7 / 18.
  const Predictions p = guesses(4, {0, 1, 1, 2}, {0, 0, 1, 1});
  EXPECT_DOUBLE_EQ(find("macro_f1").value(p), 7.0 / 18);
}

TEST(macro_f1, takes_both_classes_of_a_binary_task) {
  // Class 0: 2 * 1 / (1 + 2) = 2 / 3; class 1: 2 * 2 / (3 + 2) = 4 / 5. Mean 11 / 15.
  EXPECT_DOUBLE_EQ(find("macro_f1").value(guesses(2, {0, 1, 1, 1}, {0, 0, 1, 1})), 11.0 / 15);
}

TEST(macro_f1, counts_a_label_without_rows_as_zero) {
  // Labels: 2 * 1 / (1 + 2) = 2 / 3, 2 * 1 / (2 + 2) = 1 / 2, 0. Mean 7 / 18.
  EXPECT_DOUBLE_EQ(find("macro_f1").value(three_labels()), 7.0 / 18);
}
