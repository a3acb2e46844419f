#include "examples.h"

using namespace braid::metrics;
using namespace braid::metrics::examples;

TEST(calibration_error, averages_the_gaps_of_bins) {
  // Confidences .9 .9 (one right: accuracy .5, gap .4), .6 (right: gap .4), .7 (wrong: gap .7):
  // (2 * .4 + .4 + .7) / 4 = .475.
  const Predictions p = binary({.9, .9, .4, .7}, {1, 0, 0, 0});
  EXPECT_NEAR(find("calibration_error").value(p), 0.475, 1e-12);
}

TEST(calibration_error, is_zero_where_confidence_is_kept) {
  // Confidence .75, three of four right.
  const Predictions p = binary({.75, .75, .25, .75}, {1, 1, 0, 0});
  EXPECT_NEAR(find("calibration_error").value(p), 0, 1e-12);
}
