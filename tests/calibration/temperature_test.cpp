#include "calibration/temperature.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/rng.h"
#include "support/module_checks.h"

namespace braid::calibration {
namespace {

using checks::expect_error;
using metrics::Task;

// `rows` rows that say (z, 0), or z of their only label, three quarters of them rightly.
double fitted(Task task, double z, int rows) {
  std::vector<double> outputs, targets;
  for (int i = 0; i < rows; ++i) {
    outputs.push_back(z);
    if (task != Task::multilabel) outputs.push_back(0);
    const bool is_right = i % 4 != 0;
    targets.push_back(task == Task::multilabel ? (is_right ? 1 : 0) : (is_right ? 0 : 1));
  }
  return fit_temperature(task, outputs, task == Task::multilabel ? 1 : 2, targets);
}

TEST(temperature, by_hand_where_all_rows_say_the_same) {
  const double z = std::log(3.0);  // sigmoid(z) = 3 / 4: confident as it should be
  EXPECT_NEAR(fitted(Task::binary, z, 8), 1, 1e-9);
  EXPECT_NEAR(fitted(Task::multilabel, z, 8), 1, 1e-9);
  // Twice as confident: T = 2 of many rows; of few, what the sum says with its b - log b.
  EXPECT_NEAR(fitted(Task::binary, 2 * z, 80000), 2, 1e-3);
  for (Task task : {Task::binary, Task::multilabel}) {
    const double b = 1 / fitted(task, 2 * z, 8);
    EXPECT_NEAR(8 * 2 * z * (1 / (1 + std::exp(-2 * z * b)) - 0.75) + 1 - 1 / b, 0, 1e-9);
    EXPECT_GT(b, 0.5);
    EXPECT_LT(b, 0.6);
  }
}

TEST(temperature, rows_without_an_error_do_not_ask_for_endless_confidence) {
  std::vector<double> outputs, targets(50, 0);
  for (int i = 0; i < 50; ++i) outputs.insert(outputs.end(), {4, 0, 0});
  const double T = fit_temperature(Task::multiclass, outputs, 3, targets);
  EXPECT_LT(T, 1);
  EXPECT_GT(T, 0.5);
}

TEST(temperature, finds_the_one_that_the_truth_was_drawn_with) {
  for (double known : {0.5, 1.0, 2.5}) {
    Rng rng(static_cast<uint64_t>(known * 10));
    std::vector<double> outputs, targets;
    for (int i = 0; i < 20000; ++i) {
      std::vector<double> weights;
      double sum = 0;
      for (int k = 0; k < 4; ++k) {
        outputs.push_back(2 * rng.normal());
        weights.push_back(std::exp(outputs.back() / known));
        sum += weights.back();
      }
      double left = rng.uniform() * sum;
      int truth = 0;
      while (truth < 3 && left >= weights[static_cast<size_t>(truth)])
        left -= weights[static_cast<size_t>(truth++)];
      targets.push_back(truth);
    }
    EXPECT_NEAR(fit_temperature(Task::multiclass, outputs, 4, targets), known, 0.05 * known);
  }
}

TEST(temperature, is_one_where_nothing_changes_and_refuses_what_has_none) {
  EXPECT_NEAR(fit_temperature(Task::binary, {0, 0, 0, 0}, 2, {0, 1}), 1, 1e-12);
  expect_error(ErrorKind::config, "expected classes or labels, got regression",
               [] { fit_temperature(Task::regression, {1}, 1, {1}); });
  expect_error(ErrorKind::shape, "expected a row of 2 outputs for each target, got 4 and 1", [] {
    fit_temperature(Task::binary, {1, 2, 3, 4}, 2, {1});
  });
}

}  // namespace
}  // namespace braid::calibration
