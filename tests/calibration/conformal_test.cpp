#include "calibration/conformal.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/rng.h"
#include "support/module_checks.h"

namespace braid::calibration {
namespace {

using checks::expect_error;
using metrics::Predictions;
using metrics::Task;
using Labels = std::vector<int64_t>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(conformal, quantile_by_hand) {
  const std::vector<double> nine = {3, 1, 2, 9, 5, 6, 7, 8, 4};
  EXPECT_EQ(conformal_quantile(nine, 0.9), 9);  // ceil(10 * 0.9) = 9
  EXPECT_EQ(conformal_quantile(nine, 0.7), 7);  // 10 * 0.7 is a rounding above 7
  EXPECT_EQ(conformal_quantile(nine, 0.5), 5);
  EXPECT_EQ(conformal_quantile(nine, 0.91), kInfinity);  // ceil(9.1) = 10 of nine
  EXPECT_EQ(conformal_quantile({1, 1, 1, 2}, 0.5), 1);   // ties: the third of four
  EXPECT_EQ(conformal_quantile({}, 0.5), kInfinity);
  EXPECT_EQ(conformal_quantile({4}, 0.01), 4);
  for (double bad : {0.0, 1.0, -0.5, 1.5, std::nan("")})
    expect_error(ErrorKind::config, "coverage: expected a share above 0 and below 1",
                 [bad] { conformal_quantile({1}, bad); });
}

TEST(conformal, fewest_rows_are_the_first_that_rule_anything_out) {
  EXPECT_EQ(fewest_rows(0.5), 1);
  EXPECT_EQ(fewest_rows(0.9), 9);
  EXPECT_EQ(fewest_rows(0.95), 19);
  EXPECT_EQ(fewest_rows(0.99), 99);
  for (double coverage : {0.3, 0.8, 0.83, 0.97}) {
    const auto n = static_cast<size_t>(fewest_rows(coverage));
    EXPECT_TRUE(std::isfinite(conformal_quantile(std::vector<double>(n, 1), coverage)));
    EXPECT_TRUE(std::isinf(conformal_quantile(std::vector<double>(n - 1, 1), coverage)) || n == 1);
  }
}

TEST(conformal, sets_of_classes_by_hand) {
  const Predictions row = {Task::multiclass, 3, {0.3, 0.5, 0.2}, {0}};
  EXPECT_DOUBLE_EQ(strangeness(row, 0, Sets::threshold), 0.7);
  EXPECT_DOUBLE_EQ(strangeness(row, 0, Sets::adaptive), 0.8);  // 0.5 + 0.3
  const auto set = [&row](Sets sets, double threshold) {
    return label_set({sets, 0.9, threshold}, row.task, row.scores);
  };
  // Of 1 - score: 0.5, 0.7, 0.8.
  EXPECT_EQ(set(Sets::threshold, 0.75), (Labels{1, 0}));
  EXPECT_EQ(set(Sets::threshold, strangeness(row, 0, Sets::threshold)), (Labels{1, 0}));
  EXPECT_EQ(set(Sets::threshold, 0.1), Labels{1}) << "never empty";
  EXPECT_EQ(set(Sets::threshold, kInfinity), (Labels{1, 0, 2}));
  // Of sums: 0.5, 0.8, 1.
  EXPECT_EQ(set(Sets::adaptive, strangeness(row, 0, Sets::adaptive)), (Labels{1, 0}));
  EXPECT_EQ(set(Sets::adaptive, 0.79), Labels{1});
  EXPECT_FALSE(covers({Sets::adaptive, 0.9, 0.79}, row, 0));
  EXPECT_TRUE(covers({Sets::adaptive, 0.9, 0.81}, row, 0));
  EXPECT_EQ(set_size({Sets::adaptive, 0.9, 0.81}, row, 0), 2);
  // Of equal scores the lower index comes first, in sets as in predicted_class.
  EXPECT_EQ(label_set({Sets::adaptive, 0.9, 0.4}, Task::binary, {0.5, 0.5}), Labels{0});
  const Predictions first = {Task::binary, 2, {0.5, 0.5}, {0}};
  EXPECT_TRUE(covers({Sets::adaptive, 0.9, 0.4}, first, 0)) << "the first is always in";
}

TEST(conformal, sets_of_labels_hold_all_true_ones) {
  const Predictions p = {Task::multilabel, 3, {0.9, 0.4, 0.2, 0.9, 0.4, 0.2}, {1, 1, 0, 0, 0, 0}};
  EXPECT_DOUBLE_EQ(strangeness(p, 0, Sets::threshold), 0.6);
  EXPECT_EQ(strangeness(p, 1, Sets::threshold), 0) << "nothing to miss";
  const Conformal at = {Sets::threshold, 0.9, 0.6};
  EXPECT_EQ(label_set(at, p.task, {0.9, 0.4, 0.2}), (Labels{0, 1}));
  EXPECT_TRUE(label_set({Sets::threshold, 0.9, 0.05}, p.task, {0.9, 0.4, 0.2}).empty());
  EXPECT_TRUE(covers(at, p, 0));
  EXPECT_FALSE(covers({Sets::threshold, 0.9, 0.5}, p, 0)) << "the second is true and left out";
}

TEST(conformal, intervals_of_values) {
  const Predictions p = {Task::regression, 1, {2, 5}, {3.5, 4}};
  EXPECT_EQ(strangeness(p, 0, Sets::threshold), 1.5);
  const Conformal at = {Sets::threshold, 0.9, 1.25};
  EXPECT_FALSE(covers(at, p, 0));
  EXPECT_TRUE(covers(at, p, 1));
  EXPECT_EQ(set_size(at, p, 0), 2.5);
}

// Classes drawn from the scores themselves.
Predictions drawn(Rng* rng, int rows) {
  Predictions p = {Task::multiclass, 5, {}, {}};
  for (int i = 0; i < rows; ++i) {
    double sum = 0, left;
    std::vector<double> scores;
    for (int k = 0; k < 5; ++k) {
      scores.push_back(std::exp(2 * rng->normal()));
      sum += scores.back();
    }
    left = rng->uniform() * sum;
    int truth = 0;
    while (truth < 4 && left >= scores[static_cast<size_t>(truth)])
      left -= scores[static_cast<size_t>(truth++)];
    for (double score : scores) p.scores.push_back(score / sum);
    p.targets.push_back(truth);
  }
  return p;
}

// With n = 50 and 0.8 asked, a new row is covered with probability ceil(51 * 0.8) / 51 = 41 / 51.
// The mean of 400 draws of 50 new rows has a standard error of sqrt((0.056^2 + 0.056^2) / 400) =
// 0.004: of the threshold (a beta distribution) and of the rows.
TEST(conformal, covers_as_often_as_asked_over_many_draws) {
  Rng rng(3);
  double threshold = 0, adaptive = 0, values = 0;
  for (int draw = 0; draw < 400; ++draw) {
    const Predictions known = drawn(&rng, 50), fresh = drawn(&rng, 50);
    const Conformal t = fit_conformal(known, Sets::threshold, 0.8),
                    a = fit_conformal(known, Sets::adaptive, 0.8);
    Predictions one = {Task::regression, 1, {}, {}}, other = one;
    for (Predictions* p : {&one, &other})
      for (int i = 0; i < 50; ++i) {
        p->scores.push_back(0);
        p->targets.push_back(rng.normal());
      }
    const Conformal v = fit_conformal(one, Sets::threshold, 0.8);
    for (int64_t row = 0; row < 50; ++row) {
      threshold += strangeness(fresh, row, t.sets) <= t.threshold;
      adaptive += strangeness(fresh, row, a.sets) <= a.threshold;
      values += covers(v, other, row);
    }
  }
  const double expected = 41.0 / 51, bound = 4 * 0.004, rows = 400 * 50;
  EXPECT_NEAR(values / rows, expected, bound);
  // Without the first class, which is always in and can only add.
  EXPECT_NEAR(threshold / rows, expected, bound);
  EXPECT_NEAR(adaptive / rows, expected, bound);
}

TEST(conformal, names_of_sets) {
  EXPECT_EQ(parse_sets("adaptive", "--sets"), Sets::adaptive);
  expect_error(ErrorKind::config,
               "--sets: unknown kind of sets 'adaptiv'; did you mean 'adaptive'?",
               [] { parse_sets("adaptiv", "--sets"); });
}

}  // namespace
}  // namespace braid::calibration
