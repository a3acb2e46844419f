#include "align/signals.h"

namespace braid::align {
namespace {

using namespace signals;

// The gain of a sine of `hz` from `rate_in` to `rate_out`, by projection onto it over whole
// periods.
double gain(double hz, double rate_in, double rate_out) {
  const auto step = [](double rate) { return static_cast<int64_t>(std::llround(1e9 / rate)); };
  const Signal wave = [&](double s) { return std::sin(2 * kPi * hz * s + 0.3); };
  const Series x = sampled(wave, regular_ticks(0, 40 * kSecond, step(rate_in)));
  const auto ticks = regular_ticks(10 * kSecond, 30 * kSecond - 1, step(rate_out));
  const auto y = values_at("sinc", x, ticks);
  double power = 0;
  for (double value : y) power += value * value;
  return std::sqrt(2 * power / static_cast<double>(y.size()));
}

TEST(sinc, passes_what_the_lower_rate_can_hold) {
  for (const double share : {0.05, 0.3, 0.6, 0.8, 0.83}) {
    EXPECT_NEAR(gain(share * 5, 25, 10), 1, 1e-4) << share;  // to the lower rate
    EXPECT_NEAR(gain(share * 5, 10, 32), 1, 1e-4) << share;  // to the higher rate
  }
}

TEST(sinc, stops_what_would_alias) {
  for (const double hz : {5.01, 5.5, 7.0, 9.0, 12.0})
    EXPECT_LT(20 * std::log10(gain(hz, 25, 10)), -80) << hz;
}

TEST(sinc, follows_a_band_limited_signal) {
  const Signal wave = [](double s) {
    return std::sin(2 * kPi * 1.7 * s) + 0.5 * std::cos(2 * kPi * 3.9 * s);
  };
  const auto ticks = regular_ticks(0, 20 * kSecond, 17 * kMs);
  const Series x = sampled(wave, regular_ticks(0, 20 * kSecond, 100 * kMs));
  EXPECT_LT(worst_error(align(x, find("sinc"), ticks), ticks, wave, 4 * kSecond), 2e-4);
}

TEST(sinc, uneven_steps_keep_a_slow_signal_and_a_gap_costs_little) {
  const Signal wave = [](double s) { return std::sin(2 * kPi * 0.5 * s); };
  auto times = uneven_times(400, 50 * kMs, 0.5);
  const auto ticks = regular_ticks(0, 19 * kSecond, 33 * kMs);
  Options options;
  options.tolerance_ns = 100 * kMs;
  const Aligned whole = align(sampled(wave, times), find("sinc"), ticks, options);
  EXPECT_LT(worst_error(whole, ticks, wave, 2 * kSecond), 1e-3);
  times.erase(times.begin() + 200, times.begin() + 210);  // 0.5 s from 10 s on
  const Aligned broken = align(sampled(wave, times), find("sinc"), ticks, options);
  EXPECT_LT(worst_error(broken, ticks, wave, 2 * kSecond), 0.03);  // half a kernel beside the gap
  EXPECT_EQ(broken.origins[310], Origin::missing);                 // 10.23 s, in the gap
}

TEST(sinc, a_tick_whose_kernel_is_mostly_empty_is_missing) {
  // Neighbours 100 s away at a step of 1 s: nothing of the kernel is covered.
  std::vector<int64_t> times = regular_ticks(0, 10 * kSecond, kSecond);
  for (int64_t late : regular_ticks(210 * kSecond, 220 * kSecond, kSecond)) times.push_back(late);
  const Series x = sampled([](double) { return 1; }, times);
  expect_values(values_at("sinc", x, {110 * kSecond, 111 * kSecond}), {NAN, NAN});
}

}  // namespace
}  // namespace braid::align
