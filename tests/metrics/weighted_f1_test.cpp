#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(weighted_f1, weighs_classes_by_their_rows) {
  // Class 0: correct 2, predicted 3, actual 3: F1 4 / 6. Class 1: correct 0: F1 0.
  // (3 * 2 / 3 + 1 * 0) / 4 = 1 / 2.
  EXPECT_DOUBLE_EQ(find("weighted_f1").value(guesses(2, {0, 0, 1, 0}, {0, 0, 0, 1})), 0.5);
  // As in macro_f1: 2 / 3 and 1 / 2, two rows each, the rest none: 7 / 12.
  EXPECT_DOUBLE_EQ(find("weighted_f1").value(guesses(4, {0, 1, 1, 2}, {0, 0, 1, 1})), 7.0 / 12);
}

TEST(weighted_f1, weighs_labels_by_their_rows) {
  // 2 / 3 and 1 / 2, two rows each; the third label has none.
  EXPECT_DOUBLE_EQ(find("weighted_f1").value(three_labels()), 7.0 / 12);
}

TEST(weighted_f1, is_undefined_without_any_label) {
  const Predictions p = table(Task::multilabel, {{.9, .1}}, {0, 0});
  EXPECT_TRUE(std::isnan(find("weighted_f1").value(p)));
}
