#include "metrics/checks.h"

#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(checks, tasks_of_the_families) {
  EXPECT_TRUE(is_single_label(Task::binary));
  EXPECT_FALSE(is_single_label(Task::multilabel));
  EXPECT_TRUE(is_classification(Task::multilabel));
  EXPECT_FALSE(is_classification(Task::regression));
  EXPECT_TRUE(is_regression(Task::regression));
}

TEST(checks, sizes_must_agree) {
  EXPECT_EQ(
      error_of([] {
        check("here", {Task::binary, 3, {0, 0, 1}, {2}});
      }),
      "shape: here: num_outputs of task binary: expected 2, got 3; give one column per output");
  EXPECT_EQ(
      error_of([] {
        check("here", {Task::multiclass, 0, {1}, {0}});
      }),
      "shape: here: num_outputs of task multiclass: expected at least 1, got 0; give one column "
      "per output");
  EXPECT_EQ(error_of([] {
              check("here", {Task::multiclass, 3, {0, 0, 1, 0}, {2}});
            }),
            "shape: here: scores: expected [N, 3], got 4 values; give one row per sample");
  EXPECT_EQ(error_of([] {
              check("here", {Task::multilabel, 2, {0, 0, 1, 0}, {1, 0}});
            }),
            "shape: here: targets: expected 4 values as the scores say, got 2; give both for each "
            "sample");
}

TEST(checks, targets_must_be_classes) {
  EXPECT_EQ(error_of([] {
              check("here", guesses(3, {0, 0}, {0, 3}));
            }),
            "data: here: target 1: expected a whole number from 0 to 2, got 3; check the label");
  EXPECT_THAT(error_of([] { check("here", guesses(3, {0}, {-1})); }), testing::HasSubstr("got -1"));
  EXPECT_THAT(error_of([] { check("here", guesses(3, {0}, {.5})); }),
              testing::HasSubstr("got 0.5"));
  EXPECT_THAT(error_of([] { check("here", guesses(3, {0}, {std::nan("")})); }),
              testing::HasSubstr("got nan"));
  EXPECT_THAT(error_of([] {
                check("here", table(Task::multilabel, {{.1, .2, .3}}, {0, 2, 0}));
              }),
              testing::HasSubstr("target 1: expected a whole number from 0 to 1, got 2"));
  EXPECT_EQ(error_of([] { check("here", three_labels()); }), "");
}

TEST(checks, nothing_or_nan_cannot_be_scored) {
  const Method& metric = default_metric(Task::binary);
  EXPECT_TRUE(is_scorable(metric, binary({.5}, {1})));
  EXPECT_FALSE(is_scorable(metric, binary({}, {})));
  EXPECT_FALSE(is_scorable(metric, binary({.5, std::nan("")}, {1, 1})));
}
