#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(log_loss, is_the_mean_surprise) {
  // Example of scikit-learn's log_loss: 0.21616...: -(ln .9 + ln .9 + ln .8 + ln .65) / 4.
  const Predictions p = binary({.9, .1, .2, .65}, {1, 0, 0, 1});
  EXPECT_NEAR(find("log_loss").value(p), 0.21616, 5e-6);
}

TEST(log_loss, reads_the_target_class_of_many) {
  // -(ln .25 + ln .5) / 2 = (2 ln 2 + ln 2) / 2 = 1.5 ln 2.
  const Predictions p = table(Task::multiclass, {{.25, .5, .25}, {.25, .5, .25}}, {2, 1});
  EXPECT_DOUBLE_EQ(find("log_loss").value(p), 1.5 * std::log(2.0));
}

TEST(log_loss, averages_over_all_labels) {
  // -(ln .5 + ln .75 + ln .5 + ln .25) / 4.
  const Predictions p = table(Task::multilabel, {{.5, .25}, {.5, .25}}, {1, 0, 0, 1});
  EXPECT_NEAR(find("log_loss").value(p), -std::log(.5 * .75 * .5 * .25) / 4, 1e-12);
}

TEST(log_loss, stays_finite_for_certain_and_wrong) {
  // ln 1e15 = 15 ln 10 = 34.54.
  EXPECT_NEAR(find("log_loss").value(binary({0}, {1})), 15 * std::log(10.0), 1e-9);
  EXPECT_NEAR(find("log_loss").value(binary({1}, {1})), 0, 1e-14);
}
