#include "align/signals.h"

namespace braid::align {
namespace {

using namespace signals;

TEST(linear, draws_a_line_between_neighbours_within_the_tolerance) {
  const Series x = series({0, 10, 40}, {0, 1, 4});
  Options options;
  options.tolerance_ns = 16;
  expect_values(values_at("linear", x, {-1, 0, 5, 10, 20, 25, 35, 40, 41}, options),
                {NAN, 0, 0.5, 1, NAN, 2.5, NAN, 4, NAN});
}

// h^2/8 max|x''| of a sine of 3 Hz in steps of 10 ms: 0.0044.
TEST(linear, stays_within_its_error_bound) {
  const Signal wave = [](double s) { return std::sin(2 * kPi * 3 * s); };
  const auto times = regular_ticks(0, 2 * kSecond, 10 * kMs);
  const auto ticks = regular_ticks(0, 2 * kSecond, 1234567);
  const double bound = 0.01 * 0.01 / 8 * std::pow(2 * kPi * 3, 2);
  const double worst = worst_error(align(sampled(wave, times), find("linear"), ticks), ticks, wave);
  EXPECT_LE(worst, bound);
  EXPECT_GE(worst, 0.9 * bound);
}

}  // namespace
}  // namespace braid::align
