#include "align/signals.h"

namespace braid::align {
namespace {

using namespace signals;

TEST(previous, holds_the_newest_within_the_tolerance) {
  const Series x = series({10, 20, 40}, {1, 2, 4});
  Options options;
  options.tolerance_ns = 9;
  const Aligned aligned = align(x, find("previous"), {9, 10, 19, 20, 29, 30, 39, 49, 50}, options);
  expect_values(aligned.values, {NAN, 1, 1, 2, 2, NAN, NAN, 4, NAN});
  EXPECT_EQ(aligned.origins[1], Origin::measured);
  EXPECT_EQ(aligned.origins[2], Origin::held);
  EXPECT_EQ(aligned.used_ns[4], 20);
  EXPECT_EQ(aligned.used_ns[0], kNever);
}

// |x'| is at most 2 pi 3 Hz.
TEST(previous, stays_within_its_error_bound) {
  const Signal wave = [](double s) { return std::sin(2 * kPi * 3 * s); };
  const auto times = regular_ticks(0, 2 * kSecond, 10 * kMs);
  const auto ticks = regular_ticks(0, 2 * kSecond, 1234567);
  const double worst =
      worst_error(align(sampled(wave, times), find("previous"), ticks), ticks, wave);
  EXPECT_LE(worst, 0.01 * 2 * kPi * 3);
  EXPECT_GE(worst, 0.9 * 0.01 * 2 * kPi * 3);  // the bound is not far from the truth
}

}  // namespace
}  // namespace braid::align
