#include "core/rng.h"
#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(auroc, is_the_share_of_pairs_in_order) {
  // Example of scikit-learn's roc_auc_score: pairs (.35, .1), (.8, .1), (.8, .4) in order,
  // (.35, .4) not: 3 / 4.
  EXPECT_DOUBLE_EQ(find("auroc").value(binary({.1, .4, .35, .8}, {0, 0, 1, 1})), 0.75);
}

TEST(auroc, counts_a_tie_as_half) {
  // Positives .5 .7; negatives .5 .2 .5: .5 against them 1/2 + 1 + 1/2, .7: 3. 5 / 6.
  EXPECT_DOUBLE_EQ(find("auroc").value(binary({.5, .7, .5, .2, .5}, {1, 1, 0, 0, 0})), 5.0 / 6);
  // The other way round, so that the negatives are the smaller side: 1 / 6.
  EXPECT_DOUBLE_EQ(find("auroc").value(binary({.5, .7, .5, .2, .5}, {0, 0, 1, 1, 1})), 1.0 / 6);
  EXPECT_DOUBLE_EQ(find("auroc").value(binary({.5, .5, .5}, {0, 1, 1})), 0.5);
}

TEST(auroc, averages_classes_against_the_rest) {
  // Class 0: .6 and .2 against .3 .1: 3 / 4. Class 1: .5 against .2 .3 .4: 1. Class 2: .5 against
  // .2 .5 .2: (1 + 1/2 + 1) / 3 = 5 / 6. Class 3 is absent. (3/4 + 1 + 5/6) / 3 = 31 / 36.
  const Predictions p =
      table(Task::multiclass, {{.6, .2, .2, 0}, {.2, .3, .5, 0}, {.3, .5, .2, 0}, {.1, .4, .5, 0}},
            {0, 0, 1, 2});
  EXPECT_DOUBLE_EQ(find("auroc").value(p), 31.0 / 36);
}

TEST(auroc, averages_labels_with_both_values) {
  // Label 0: .9 .2 against .1: 1. Label 1: .5 .4 against .6: 0. Label 2 is never set.
  EXPECT_DOUBLE_EQ(find("auroc").value(three_labels()), 0.5);
}

TEST(auroc, is_undefined_with_one_class) {
  EXPECT_TRUE(std::isnan(find("auroc").value(binary({.1, .4}, {1, 1}))));
  EXPECT_TRUE(std::isnan(find("auroc").value(guesses(3, {0, 1}, {2, 2}))));
  EXPECT_TRUE(std::isnan(find("auroc").value(binary({.1, std::nan("")}, {0, 1}))));
}

TEST(auroc, equals_counting_every_pair) {
  braid::Rng rng(4);
  for (int64_t round = 0; round < 100; ++round) {
    Predictions p{Task::binary, 2, {}, {1, 0}};
    while (p.size() < 30) p.targets.push_back(double(rng.chance(0.02 + 0.0096 * double(round))));
    std::vector<double> scores;
    for (int64_t i = 0; i < p.size(); ++i) scores.push_back(double(rng.below(8)) / 8);
    double above = 0, pairs = 0;
    for (size_t i = 0; i < scores.size(); ++i) {
      for (size_t j = 0; j < scores.size(); ++j) {
        if (p.targets[i] != 1 || p.targets[j] != 0) continue;
        above += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? .5 : 0;
        ++pairs;
      }
    }
    EXPECT_NEAR(find("auroc").value(binary(scores, p.targets)), above / pairs, 1e-12);
  }
}
