#include "metrics/confusion.h"

#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(confusion, matrix_is_target_by_predicted) {
  const Predictions p = guesses(3, {0, 1, 1, 2, 2}, {0, 0, 1, 1, 1});
  EXPECT_EQ(confusion_matrix(p),
            (std::vector<std::vector<int64_t>>{{1, 1, 0}, {0, 1, 2}, {0, 0, 0}}));
}

TEST(confusion, per_class_of_classes) {
  const auto results = per_class(guesses(3, {0, 1, 1, 2, 2}, {0, 0, 1, 1, 1}));
  ASSERT_EQ(results.size(), 3u);
  // Class 0: correct 1, predicted 1, actual 2.
  EXPECT_DOUBLE_EQ(results[0].precision, 1);
  EXPECT_DOUBLE_EQ(results[0].recall, 0.5);
  EXPECT_DOUBLE_EQ(results[0].f1, 2.0 / 3);
  EXPECT_EQ(results[0].support, 2);
  // Class 1: correct 1, predicted 2, actual 3.
  EXPECT_DOUBLE_EQ(results[1].precision, 0.5);
  EXPECT_DOUBLE_EQ(results[1].recall, 1.0 / 3);
  EXPECT_DOUBLE_EQ(results[1].f1, 2.0 / 5);
  EXPECT_EQ(results[1].support, 3);
  // Class 2: never right, no rows.
  EXPECT_DOUBLE_EQ(results[2].precision, 0);
  EXPECT_DOUBLE_EQ(results[2].recall, 0);
  EXPECT_DOUBLE_EQ(results[2].f1, 0);
  EXPECT_EQ(results[2].support, 0);
}

TEST(confusion, per_class_of_labels_takes_one_half_as_yes) {
  const auto results = per_class(three_labels());
  ASSERT_EQ(results.size(), 3u);
  EXPECT_DOUBLE_EQ(results[0].precision, 1);
  EXPECT_DOUBLE_EQ(results[0].recall, 0.5);
  // Scores .6 .5 count as predicted, .4 not: correct 1 of 2.
  EXPECT_DOUBLE_EQ(results[1].precision, 0.5);
  EXPECT_DOUBLE_EQ(results[1].recall, 0.5);
  EXPECT_EQ(results[1].support, 2);
  EXPECT_EQ(results[2].support, 0);
}

TEST(confusion, refuses_what_it_cannot_count) {
  EXPECT_THAT(error_of([] { confusion_matrix(three_labels()); }),
              testing::StartsWith("config: confusion_matrix: task: expected binary or multiclass, "
                                  "got multilabel"));
  EXPECT_THAT(
      error_of([] { per_class(regression({1}, {1})); }),
      testing::StartsWith("config: per-class results: task: expected classes or labels, got "
                          "regression"));
  EXPECT_EQ(error_of([] { confusion_matrix(binary({std::nan("")}, {1})); }),
            "numeric: confusion_matrix: scores: expected numbers, got NaN; check whether training "
            "diverged");
}
