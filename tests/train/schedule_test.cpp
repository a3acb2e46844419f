// The learning rate by hand.
#include "train/schedule.h"

#include <gtest/gtest.h>

namespace braid::train {
namespace {

// Ten steps, two of them warm-up, peak 4.
double rate(int64_t step, const char* schedule = "cosine", double warmup = 0.2) {
  return learning_rate(schedule, 4, warmup, step, 10);
}

TEST(schedule, rises_to_the_peak) {
  EXPECT_DOUBLE_EQ(rate(0), 2);  // 4 * 1 / 2
  EXPECT_DOUBLE_EQ(rate(1), 4);
}

TEST(schedule, falls_along_a_cosine) {
  EXPECT_DOUBLE_EQ(rate(2), 4);               // cos 0
  EXPECT_NEAR(rate(4), 3.4142135624, 1e-9);   // 2 (1 + cos(pi / 4))
  EXPECT_NEAR(rate(6), 2, 1e-12);             // cos(pi / 2)
  EXPECT_NEAR(rate(9), 0.15224093498, 1e-9);  // 2 (1 + cos(7 pi / 8))
  EXPECT_NEAR(rate(10), 0, 1e-12);
  EXPECT_NEAR(rate(1000), 0, 1e-12) << "never rises again";
}

TEST(schedule, constant_stays_at_the_peak) {
  EXPECT_DOUBLE_EQ(rate(0, "constant"), 2);
  EXPECT_DOUBLE_EQ(rate(9, "constant"), 4);
}

TEST(schedule, warm_up_may_be_none_or_all) {
  EXPECT_DOUBLE_EQ(rate(0, "cosine", 0), 4);
  EXPECT_DOUBLE_EQ(rate(0, "cosine", 0.05), 4);  // floor(0.5) steps
  EXPECT_DOUBLE_EQ(rate(4, "cosine", 1), 2);     // 4 * 5 / 10
  EXPECT_DOUBLE_EQ(rate(9, "cosine", 1), 4);
}

}  // namespace
}  // namespace braid::train
