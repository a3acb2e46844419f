#include "core/rng.h"
#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(average_precision, sums_precision_at_each_gain_in_recall) {
  // Example of scikit-learn's average_precision_score: at .8: 1 of 1; at .35: 2 of 3.
  // (1 + 2 / 3) / 2 = 5 / 6.
  EXPECT_DOUBLE_EQ(find("average_precision").value(binary({.1, .4, .35, .8}, {0, 0, 1, 1})),
                   5.0 / 6);
}

TEST(average_precision, takes_equal_scores_as_one_threshold) {
  // At .9: 0 of 1. At .5: 2 positives of 4 rows, both gained there. At .2: 3 of 5.
  // (2 * 2 / 4 + 3 / 5) / 3 = 8 / 15.
  EXPECT_DOUBLE_EQ(
      find("average_precision").value(binary({.9, .5, .5, .5, .2, .1}, {0, 1, 1, 0, 1, 0})),
      8.0 / 15);
  // All equal: the share of positives.
  EXPECT_DOUBLE_EQ(find("average_precision").value(binary({.5, .5, .5, .5}, {0, 1, 0, 0})), 0.25);
}

TEST(average_precision, averages_classes_present) {
  // Class 0, positives .6 .2, negatives .3 .1: (1 + 2 / 3) / 2 = 5 / 6. Class 1, positive .5 first
  // of all: 1. Class 2 absent. Mean 11 / 12.
  const Predictions p = table(
      Task::multiclass, {{.6, .2, .2}, {.2, .3, .5}, {.3, .5, .2}, {.1, .5, .4}}, {0, 0, 1, 1});
  EXPECT_DOUBLE_EQ(find("average_precision").value(p), 11.0 / 12);
}

TEST(average_precision, averages_labels_that_occur) {
  // Label 0: .9 .2 before .1: 1. Label 1: .5 .4 after .6: (1 / 2 + 2 / 3) / 2 = 7 / 12. Mean 19
  // / 24.
  EXPECT_DOUBLE_EQ(find("average_precision").value(three_labels()), 19.0 / 24);
}

TEST(average_precision, is_undefined_without_positives) {
  EXPECT_TRUE(std::isnan(find("average_precision").value(binary({.1, .4}, {0, 0}))));
  EXPECT_DOUBLE_EQ(find("average_precision").value(binary({.1, .4}, {1, 1})), 1);
}

TEST(average_precision, equals_trying_every_threshold) {
  braid::Rng rng(4);
  for (int64_t round = 0; round < 100; ++round) {
    std::vector<double> targets = {1}, scores;
    while (targets.size() < 30) targets.push_back(double(rng.chance(0.0098 * double(round))));
    for (size_t i = 0; i < targets.size(); ++i) scores.push_back(double(rng.below(8)) / 8);
    double expected = 0, recall = 0;
    for (double threshold = 1; threshold >= 0; threshold -= 1.0 / 8) {
      double correct = 0, predicted = 0, actual = 0;
      for (size_t i = 0; i < targets.size(); ++i) {
        actual += targets[i];
        predicted += scores[i] >= threshold;
        correct += scores[i] >= threshold ? targets[i] : 0;
      }
      if (predicted > 0) expected += (correct / actual - recall) * correct / predicted;
      recall = correct / actual;
    }
    EXPECT_NEAR(find("average_precision").value(binary(scores, targets)), expected, 1e-12);
  }
}
