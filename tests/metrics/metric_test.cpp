#include "metrics/metric.h"

#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(metric, tasks_have_names) {
  for (Task task : {Task::binary, Task::multiclass, Task::multilabel, Task::regression})
    EXPECT_EQ(parse_task(to_string(task)), task);
  EXPECT_EQ(error_of([] { parse_task("multi_class"); }),
            "config: unknown task 'multi_class'; did you mean 'multiclass'? (known: binary, "
            "multiclass, multilabel, regression)");
}

TEST(metric, each_task_has_the_promised_default) {
  EXPECT_STREQ(default_metric(Task::binary).name, "accuracy");
  EXPECT_STREQ(default_metric(Task::multiclass).name, "accuracy");
  EXPECT_STREQ(default_metric(Task::multilabel).name, "macro_f1");
  EXPECT_STREQ(default_metric(Task::regression).name, "rmse");
}

TEST(metric, find_suggests_the_nearest_name) {
  EXPECT_STREQ(find("auroc").name, "auroc");
  EXPECT_THAT(error_of([] { find("acuracy"); }),
              testing::StartsWith("config: unknown metric 'acuracy'; did you mean 'accuracy'?"));
}

TEST(metric, size_counts_rows) {
  EXPECT_EQ(three_labels().size(), 3);
  EXPECT_EQ(binary({.1, .2}, {0, 1}).size(), 2);
  EXPECT_EQ((Predictions{Task::multilabel, 0, {}, {}}).size(), 0);
}

TEST(metric, select_repeats_rows) {
  const Predictions p = select(three_labels(), {2, 0, 2});
  EXPECT_EQ(p.task, Task::multilabel);
  EXPECT_EQ(p.scores, (std::vector<double>{.1, .4, .2, .9, .6, .1, .1, .4, .2}));
  EXPECT_EQ(p.targets, (std::vector<double>{0, 1, 0, 1, 0, 0, 0, 1, 0}));
  const Predictions q = select(regression({1, 2}, {3, 4}), {1});
  EXPECT_EQ(q.scores, std::vector<double>{2});
  EXPECT_EQ(q.targets, std::vector<double>{4});
}

TEST(metric, select_refuses_rows_that_are_not_there) {
  EXPECT_EQ(error_of([] {
              select(regression({1, 2}, {3, 4}), {0, 2});
            }),
            "shape: select: row index: expected 0 to below 2, got 2; draw from size()");
  EXPECT_THAT(error_of([] {
                select(regression({1}, {3, 4}), {1});
              }),
              testing::StartsWith("shape: select: targets: expected 1 values"));
}

TEST(metric, ties_go_to_the_lower_class) {
  const Predictions p = table(Task::multiclass, {{.2, .4, .4}, {.2, .3, .5}}, {0, 0});
  EXPECT_EQ(predicted_class(p, 0), 1);
  EXPECT_EQ(predicted_class(p, 1), 2);
}

TEST(metric, one_half_predicts_a_label) {
  EXPECT_TRUE(is_predicted(three_labels(), 1, 1));   // .5
  EXPECT_FALSE(is_predicted(three_labels(), 2, 1));  // .4
}
