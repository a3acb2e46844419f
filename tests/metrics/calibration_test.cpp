#include "metrics/calibration.h"

#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(calibration, sorts_rows_into_bins_of_confidence) {
  // Two bins, up to .5 and above. Confidences .5 (tie: class 0, right), .9 (right), .7 (wrong).
  const auto bins = reliability(binary({.5, .9, .3}, {0, 1, 1}), /*num_bins=*/2);
  ASSERT_EQ(bins.size(), 2u);
  EXPECT_EQ(bins[0].count, 1);
  EXPECT_DOUBLE_EQ(bins[0].confidence, 0.5);
  EXPECT_DOUBLE_EQ(bins[0].accuracy, 1);
  EXPECT_EQ(bins[1].count, 2);
  EXPECT_DOUBLE_EQ(bins[1].confidence, 0.8);  // (.9 + .7) / 2
  EXPECT_DOUBLE_EQ(bins[1].accuracy, 0.5);
}

TEST(calibration, puts_an_edge_into_the_lower_bin) {
  // .28 ends the bin (6 / 25, 7 / 25], though .28 * 25 is 7.000000000000001 in floating point.
  const auto bins = reliability(table(Task::multiclass, {{.28, .24, .24, .24}}, {0}), 25);
  EXPECT_EQ(bins[6].count, 1);
  // The next number after .85 begins the bin (17 / 20, 18 / 20], though times 20 it is 17.
  const double after = std::nextafter(.85, 1);
  EXPECT_EQ(reliability(binary({after}, {1}), 20)[17].count, 1);
  EXPECT_EQ(reliability(binary({.85}, {1}), 20)[16].count, 1);
  EXPECT_EQ(reliability(binary({1}, {1}), 20)[19].count, 1);
}

TEST(calibration, keeps_confidence_outside_zero_to_one_in_the_end_bins) {
  const auto bins = reliability(table(Task::multiclass, {{3, 0}, {-2, -1}, {0, 0}}, {0, 0, 0}), 4);
  EXPECT_EQ(bins[0].count, 2);
  EXPECT_EQ(bins[3].count, 1);
}

TEST(calibration, leaves_empty_bins_at_zero) {
  const auto bins = reliability(binary({.9}, {1}));
  ASSERT_EQ(bins.size(), 15u);
  EXPECT_EQ(bins[0].count, 0);
  EXPECT_EQ(bins[0].confidence, 0);
  EXPECT_EQ(bins[0].accuracy, 0);
}

TEST(calibration, refuses_other_tasks_and_no_bins) {
  EXPECT_EQ(
      error_of([] { reliability(three_labels()); }),
      "config: reliability: task: expected binary or multiclass, got multilabel; leave it out");
  EXPECT_EQ(error_of([] { reliability(binary({.9}, {1}), 0); }),
            "config: reliability: num_bins: expected at least 1, got 0; use 15");
}
