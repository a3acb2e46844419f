#include "align/signals.h"

namespace braid::align {
namespace {

using namespace signals;

// Secants 1 and 1: slopes 1 everywhere, a straight line. Secants 1 and -1: slope 0 at the top; the
// end's slope (2 + 1) / 2 * 1 - (-1) / 2 = 2 is within 3. At 0.5: 0 + 0.25 * 2 * 1 + 0.25 * (0.5 *
// 2 - 0) = 0.75.
TEST(monotone, gives_the_curves_worked_out_by_hand) {
  const std::vector<int64_t> times = {0, kSecond, 2 * kSecond};
  const auto line = values_at("monotone", series(times, {0, 1, 2}), {kSecond / 4, kSecond / 2});
  EXPECT_NEAR(line[0], 0.25, 1e-12);
  EXPECT_NEAR(line[1], 0.5, 1e-12);
  EXPECT_NEAR(values_at("monotone", series(times, {0, 1, 0}), {kSecond / 2})[0], 0.75, 1e-12);
}

TEST(monotone, never_leaves_its_neighbours_values) {
  Rng random(5);
  std::vector<double> values;
  const auto times = uneven_times(300, kSecond, 0.9);
  for (size_t i = 0; i < times.size(); ++i) values.push_back(random.normal());
  const auto ticks = regular_ticks(times.front(), times.back(), 37 * kMs);
  const auto y = values_at("monotone", series(times, values), ticks);
  Cursor cursor(times);
  for (size_t t = 0; t + 1 < ticks.size(); ++t) {
    const size_t i = static_cast<size_t>(cursor.newest_before(ticks[t]));
    if (i + 1 == times.size()) continue;
    EXPECT_GE(y[t], std::min(values[i], values[i + 1]) - 1e-9) << t;
    EXPECT_LE(y[t], std::max(values[i], values[i + 1]) + 1e-9) << t;
  }
}

// Second order: half the step, a quarter of the error.
TEST(monotone, errors_fall_with_the_square_of_the_step) {
  const Signal wave = [](double s) { return std::sin(2 * kPi * 3 * s); };
  const auto ticks = regular_ticks(0, 2 * kSecond, 1234567);
  const auto worst = [&](int64_t step) {
    const Series x = sampled(wave, regular_ticks(0, 2 * kSecond, step));
    return worst_error(align(x, find("monotone"), ticks), ticks, wave);
  };
  EXPECT_NEAR(worst(10 * kMs) / worst(5 * kMs), 4, 1.0);
}

TEST(monotone, of_one_or_two_measurements) {
  expect_values(values_at("monotone", series({5}, {3}), {4, 5, 6}), {NAN, 3, NAN});
  expect_values(values_at("monotone", series({0, 10}, {0, 10}), {5}), {5});
}

}  // namespace
}  // namespace braid::align
