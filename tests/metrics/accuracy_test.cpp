#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(accuracy, counts_rows_whose_highest_score_is_right) {
  // Predicted 1, 0, 0 (a tie goes to the lower class), 0; right are rows 0 and 1: 2 / 4.
  EXPECT_DOUBLE_EQ(find("accuracy").value(binary({.9, .2, .5, .4}, {1, 0, 1, 1})), 0.5);
  // Predicted 2, 1, 0 (0 and 1 tie): right are rows 0 and 2.
  const Predictions three =
      table(Task::multiclass, {{.1, .2, .7}, {.3, .6, .1}, {.4, .4, .2}}, {2, 0, 0});
  EXPECT_DOUBLE_EQ(find("accuracy").value(three), 2.0 / 3);
}

TEST(accuracy, is_not_for_labels) {
  EXPECT_FALSE(find("accuracy").applies(Task::multilabel));
  EXPECT_EQ(error_of([] { find("accuracy").value(three_labels()); }),
            "config: metric accuracy: task: expected one it applies to, got multilabel; use "
            "\"macro_f1\"");
}
