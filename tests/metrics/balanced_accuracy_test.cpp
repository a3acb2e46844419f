#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(balanced_accuracy, averages_recall_over_classes_present) {
  // Recall of class 0: 2 / 3, of class 1: 1 / 1; class 2 has no rows. (2 / 3 + 1) / 2 = 5 / 6.
  const Predictions p = guesses(3, {0, 0, 2, 1}, {0, 0, 0, 1});
  EXPECT_DOUBLE_EQ(find("balanced_accuracy").value(p), 5.0 / 6);
}

TEST(balanced_accuracy, gives_one_half_for_always_the_common_class) {
  // Accuracy would be 3 / 4; recalls are 1 and 0.
  EXPECT_DOUBLE_EQ(find("balanced_accuracy").value(guesses(2, {0, 0, 0, 0}, {0, 0, 0, 1})), 0.5);
}
