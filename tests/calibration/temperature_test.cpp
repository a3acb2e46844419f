#include "calibration/temperature.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/rng.h"
#include "support/module_checks.h"

namespace braid::calibration {
namespace {

using checks::expect_error;
using metrics::Task;

// Every row says (1, 0), or 1 of its label; `right` of 8 are right.
std::vector<double> truths(int right, double yes, double no) {
  std::vector<double> targets;
  for (int i = 0; i < 8; ++i) targets.push_back(i < right ? yes : no);
  return targets;
}

TEST(temperature, by_hand_where_all_rows_say_the_same) {
  std::vector<double> outputs;
  for (int i = 0; i < 8; ++i) outputs.insert(outputs.end(), {1, 0});
  // e = 1 / 10; six of eight right: the best sigmoid(1 / T) is 0.75 * 0.9 + 0.25 * 0.1 = 0.7.
  EXPECT_NEAR(fit_temperature(Task::binary, outputs, 2, truths(6, 0, 1)), 1 / std::log(7.0 / 3),
              1e-9);
  // All right: 0.9, not 1, so that T does not fall to its bound.
  EXPECT_NEAR(fit_temperature(Task::binary, outputs, 2, truths(8, 0, 1)), 1 / std::log(9.0), 1e-9);
  // A label's sigmoid is the same with outputs 1.
  const std::vector<double> ones(8, 1);
  EXPECT_NEAR(fit_temperature(Task::multilabel, ones, 1, truths(6, 1, 0)), 1 / std::log(7.0 / 3),
              1e-9);
  // Half of them wrong: no confidence is justified.
  EXPECT_NEAR(fit_temperature(Task::binary, outputs, 2, truths(4, 0, 1)), 100, 1e-6);
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
  EXPECT_EQ(fit_temperature(Task::binary, {0, 0, 0, 0}, 2, {0, 1}), 1);
  expect_error(ErrorKind::config, "expected classes or labels, got regression",
               [] { fit_temperature(Task::regression, {1}, 1, {1}); });
  expect_error(ErrorKind::shape, "expected a row of 2 outputs for each target, got 4 and 1", [] {
    fit_temperature(Task::binary, {1, 2, 3, 4}, 2, {1});
  });
}

}  // namespace
}  // namespace braid::calibration
