#include "align/signals.h"

namespace braid::align {
namespace {

using namespace signals;

// Knots at 0, 1, 2, 3 s with values 0, 1, 0, 1. The natural spline's second derivatives follow from
// 4 m1 + m2 = -12, m1 + 4 m2 = 12: m1 = -4, m2 = 4. At 0.5: 0.5 + (0.125 - 0.5) (-4) / 6 = 0.75;
// at 1.5: 0.5 + (0.125 - 0.5) (-4 + 4) / 6 = 0.5.
TEST(cubic, gives_the_natural_spline_worked_out_by_hand) {
  const Series x = series({0, kSecond, 2 * kSecond, 3 * kSecond}, {0, 1, 0, 1});
  const auto y = values_at("cubic", x, {kSecond / 2, 3 * kSecond / 2, 2 * kSecond});
  EXPECT_NEAR(y[0], 0.75, 1e-12);
  EXPECT_NEAR(y[1], 0.5, 1e-12);
  EXPECT_EQ(y[2], 0);
}

TEST(cubic, stays_within_its_error_bound_away_from_the_ends) {
  const Signal wave = [](double s) { return std::sin(2 * kPi * 3 * s); };
  const auto times = regular_ticks(0, 2 * kSecond, 10 * kMs);
  const auto ticks = regular_ticks(0, 2 * kSecond, 1234567);
  const double bound = 5.0 / 384 * std::pow(0.01 * 2 * kPi * 3, 4);
  const double worst =
      worst_error(align(sampled(wave, times), find("cubic"), ticks), ticks, wave, kSecond / 2);
  EXPECT_LE(worst, bound);
  EXPECT_GE(worst, 0.15 * bound);
}

TEST(cubic, of_two_measurements_is_their_line) {
  expect_values(values_at("cubic", series({0, 10}, {0, 10}), {2, 5}), {2, 5});
}

TEST(cubic, a_gap_parts_two_splines) {
  Options options;
  options.tolerance_ns = kSecond;
  // Behind the gap lies a wild measurement, which must not bend what is before it.
  const std::vector<int64_t> near = {0, kSecond, 2 * kSecond, 3 * kSecond};
  std::vector<int64_t> far = near;
  far.push_back(10 * kSecond);
  expect_values(values_at("cubic", series(far, {0, 1, 0, 1, 1e6}), {kSecond / 2}, options),
                values_at("cubic", series(near, {0, 1, 0, 1}), {kSecond / 2}, options));
}

TEST(cubic, uneven_steps_follow_a_smooth_signal) {
  const Signal wave = [](double s) { return std::sin(2 * kPi * s); };
  const auto times = uneven_times(200, 10 * kMs, 0.6);
  const auto ticks = regular_ticks(0, 1900 * kMs, 777777);
  EXPECT_LT(worst_error(align(sampled(wave, times), find("cubic"), ticks), ticks, wave, 200 * kMs),
            5.0 / 384 * std::pow(0.016 * 2 * kPi, 4));
}

}  // namespace
}  // namespace braid::align
