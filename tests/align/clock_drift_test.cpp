#include "align/clock_drift.h"

#include "align/clock_signals.h"
#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using namespace signals;
using Times = std::vector<int64_t>;

constexpr uint64_t kSeeds = 10;
constexpr int64_t kUnix = 1700000000 * kSecond;

struct Pairs {
  Times a, b;
  double drift;
};

// An hour since kUnix, b 5 s ahead with 1 ms of noise; `outliers` of the pairs up to 500 ms late.
Pairs noisy(int64_t count, double outliers, uint64_t seed) {
  Rng random(seed);
  Pairs pairs;
  pairs.drift = random.uniform(-100e-6, 100e-6);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t since = i * (3600 * kSecond / count);
    double ahead = 5e9 + pairs.drift * static_cast<double>(since) + 1e6 * random.normal();
    if (random.chance(outliers)) ahead += random.uniform(0, 500e6);
    pairs.a.push_back(kUnix + since);
    pairs.b.push_back(kUnix + since + std::llround(ahead));
  }
  return pairs;
}

// Ten minutes, arrivals 7 s ahead and late by 5 ms on average, a fifth by up to 200 ms more.
Pairs delayed(int64_t count, uint64_t seed) {
  Rng random(seed);
  Pairs pairs;
  pairs.drift = random.uniform(-100e-6, 100e-6);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t a = i * (600 * kSecond / count);
    double late = -5e6 * std::log(1 - random.uniform());
    if (random.chance(0.2)) late += random.uniform(0, 200e6);
    pairs.a.push_back(a);
    pairs.b.push_back(a + std::llround(7e9 + pairs.drift * static_cast<double>(a) + late));
  }
  return pairs;
}

// 1 us more in each second is 1 ppm; one of the seven pairs is wrong by an hour.
TEST(clock_drift, by_hand) {
  const Times a = {0, kSecond, 2 * kSecond, 3 * kSecond, 4 * kSecond, 5 * kSecond, 6 * kSecond};
  Times b;
  for (size_t i = 0; i < a.size(); ++i) b.push_back(a[i] + 500 + 1000 * static_cast<int64_t>(i));
  b[1] += 3600 * kSecond;
  const DriftFit fit = fit_drift(a, b);
  EXPECT_TRUE(fit.is_reliable) << fit.reason;
  EXPECT_NEAR(fit.drift_ppm(), 1, 1e-9);
  EXPECT_EQ(fit.line.reference_ns, 3 * kSecond);
  EXPECT_EQ(fit.line.offset_ns, 3500);
  EXPECT_EQ(fit.line.at(0), 500);
  EXPECT_EQ(fit.num_pairs, 7);
  EXPECT_EQ(fit.num_outliers, 1);
  EXPECT_EQ(fit.spread_ns, 0);
}

TEST(clock_drift, a_fifth_of_outliers_on_one_side) {
  for (int64_t count : {50, 500, 5000}) {
    double squares = 0;
    int covered = 0;
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const Pairs pairs = noisy(count, 0.2, seed);
      const DriftFit fit = fit_drift(pairs.a, pairs.b);
      EXPECT_TRUE(fit.is_reliable) << fit.reason;
      const double error = fit.line.drift - pairs.drift;
      squares += error * error;
      covered += std::abs(error) <= fit.half_width;
      EXPECT_NEAR(static_cast<double>(fit.num_outliers), 0.2 * static_cast<double>(count),
                  0.2 * static_cast<double>(count));
    }
    // Least squares without outliers has 1 ms / (sqrt(count) * 3600 s / sqrt(12)).
    const double best = 1e-3 / (std::sqrt(count) * 3600 / std::sqrt(12));
    EXPECT_LT(std::sqrt(squares / kSeeds), 2 * best);  // over 200 seeds 1.2 to 1.3
    EXPECT_GE(covered, static_cast<int>(kSeeds) - 3);
  }
}

TEST(clock_drift, the_same_seed_gives_the_same_fit) {
  const Pairs pairs = noisy(3000, 0.2, 1);
  const DriftFit one = fit_drift(pairs.a, pairs.b), two = fit_drift(pairs.a, pairs.b);
  EXPECT_EQ(one.line.drift, two.line.drift);
  EXPECT_EQ(one.line.offset_ns, two.line.offset_ns);
}

// Delays of 3, 0, 2, 0, 1 us under a drift of 1 ppm: the line through the second and fourth.
TEST(clock_drift, below_by_hand) {
  const int64_t delays[] = {3000, 0, 2000, 0, 1000};
  Times a, b;
  for (int64_t i = 0; i < 15; ++i) {
    a.push_back(i * kSecond);
    b.push_back(i * kSecond + 1000 * i + delays[i % 5]);
  }
  const DriftFit fit = fit_drift_below(a, b);
  EXPECT_TRUE(fit.is_reliable) << fit.reason;
  EXPECT_NEAR(fit.drift_ppm(), 1, 1e-9);
  EXPECT_EQ(fit.line.at(0), 0);
  b[7] -= 3600 * kSecond;  // no delay is negative: wrong, and left out
  const DriftFit outlier = fit_drift_below(a, b);
  EXPECT_NEAR(outlier.drift_ppm(), 1, 1e-9);
  EXPECT_EQ(outlier.num_outliers, 1);
}

TEST(clock_drift, below_delays_the_line_is_finer_than_through_their_middle) {
  double below = 0, middle = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Pairs pairs = delayed(1000, seed);
    const DriftFit fit = fit_drift_below(pairs.a, pairs.b);
    EXPECT_TRUE(fit.is_reliable) << fit.reason;
    const double error = fit.line.drift - pairs.drift;
    EXPECT_LE(std::abs(error), fit.half_width);
    EXPECT_LT(std::abs(error), 0.5e-6);
    const int64_t a = pairs.a[500];
    EXPECT_NEAR(static_cast<double>(fit.line.at(a) - a), 7e9 + pairs.drift * static_cast<double>(a),
                0.1e6);
    below += error * error;
    middle += std::pow(fit_drift(pairs.a, pairs.b).line.drift - pairs.drift, 2);
  }
  EXPECT_LT(below, middle / 16);
}

TEST(clock_drift, drift_and_offset_by_windows) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const double drift = Rng(seed).uniform(-200e-6, 200e-6);
    Streams s = observed(bursts(600, seed), 600, 0, 0.1, seed);
    s.b = apply_clock(s.b, ClockLine{0, 300 * kMs, drift});
    WindowOptions options;
    options.offset.max_offset_ns = kSecond;
    const WindowedDrift found = find_drift(s.a, s.b, options);
    EXPECT_EQ(found.windows.size(), 10u);
    EXPECT_TRUE(found.fit.is_reliable) << found.fit.reason;
    EXPECT_NEAR(found.fit.drift_ppm(), drift * 1e6, 8);
    EXPECT_NEAR(static_cast<double>(found.fit.line.at(0)), 300e6, 3e6);
    // Back on a's clock nothing is left.
    const Series back = apply_clock(s.b, inverse(found.fit.line));
    EXPECT_LT(std::abs(find_offset(s.a, back).offset_ns), 2 * kMs);
  }
}

// The offset moves by 6 s over the stream, six times what a window searches.
TEST(clock_drift, windows_follow_an_offset_that_moves) {
  Streams s = observed(bursts(600, 2), 600, 0, 0, 2);
  s.b = apply_clock(s.b, ClockLine{0, 0, 0.01});
  WindowOptions options;
  options.offset.max_offset_ns = 1500 * kMs;
  options.window_ns = 20 * kSecond;
  const WindowedDrift found = find_drift(s.a, s.b, options);
  EXPECT_TRUE(found.fit.is_reliable) << found.fit.reason;
  EXPECT_NEAR(found.fit.drift_ppm(), 10000, 100);
}

TEST(clock_drift, times_since_1970_are_mapped_without_loss) {
  const ClockLine line = {kUnix, 7, 1e-6};
  EXPECT_EQ(line.at(kUnix), kUnix + 7);
  EXPECT_EQ(line.at(kUnix + 3), kUnix + 10);
  EXPECT_EQ(line.at(kUnix + kSecond), kUnix + kSecond + 1007);
  const Series x = signals::series({kUnix + 1, kUnix + 1 + kSecond}, {1, 2});
  EXPECT_EQ(apply_clock(x, 5, 1e-6).times_ns, (Times{kUnix + 6, kUnix + 1006 + kSecond}));
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {  // there and back
    Rng random(seed);
    const ClockLine there = {kUnix, static_cast<int64_t>(random.uniform(-1e12, 1e12)),
                             random.uniform(-1e-3, 1e-3)};
    const int64_t time = kUnix + static_cast<int64_t>(random.uniform(0, 1e14));
    EXPECT_LE(std::abs(inverse(there).at(there.at(time)) - time), 1);
  }
}

TEST(clock_drift, few_or_no_pairs_have_a_reason) {
  const auto expect_unreliable = [](const DriftFit& fit, const std::string& reason) {
    EXPECT_FALSE(fit.is_reliable);
    EXPECT_NE(fit.reason.find(reason), std::string::npos) << fit.reason;
    EXPECT_TRUE(std::isfinite(fit.line.drift));
  };
  for (const auto& fit : {fit_drift, fit_drift_below}) {
    expect_unreliable(fit({}, {}, {}), "too few pairs");
    expect_unreliable(fit({5}, {kNever}, {}), "too few pairs");
    const DriftFit one = fit({5}, {12}, {});
    expect_unreliable(one, "too few pairs");
    EXPECT_EQ(one.line.offset_ns, 7);
    EXPECT_EQ(one.line.drift, 0);
    expect_unreliable(fit({5, 5, 5, 5, 5}, {1, 2, 3, 4, 5}, {}), "too few pairs");
    expect_unreliable(fit({0, 10}, {0, 11}, {}), "too few pairs");
    expect_error(ErrorKind::shape, "expected as many of both clocks, got 1 and 0",
                 [&] { fit({5}, {}, {}); });
    expect_error(ErrorKind::data, "second clock: measurement 1: expected a time within 146 years",
                 [&] { fit({5}, {INT64_MAX}, {}); });
  }
  Times a, b;
  for (int64_t i = 0; i < 100; ++i) {
    a.push_back(i * kSecond);
    b.push_back(i * kSecond * 2);
  }
  expect_unreliable(fit_drift(a, b), "no clock drifts as much: expected at most 50000 ppm");
  Rng random(1);
  for (int64_t& time : b)
    time = time / 2 + (random.chance(0.5) ? 0 : static_cast<int64_t>(random.below(1000000000)));
  expect_unreliable(fit_drift(a, b), "outliers");
}

TEST(clock_drift, streams_that_say_nothing) {
  const Series empty = signals::series({}, {}), one = signals::series({5}, {1});
  for (const Series* a : {&empty, &one})
    for (const Series* b : {&empty, &one}) {
      const WindowedDrift found = find_drift(*a, *b);
      EXPECT_FALSE(found.fit.is_reliable);
      EXPECT_FALSE(found.fit.reason.empty());
    }
  Streams s = observed([](double) { return 1.0; }, 200, 0, 0, 1);
  EXPECT_FALSE(find_drift(s.a, s.b).fit.is_reliable);
  for (double& value : s.a.values) value = NAN;
  EXPECT_FALSE(find_drift(s.a, s.b).fit.is_reliable);
  EXPECT_EQ(apply_clock(empty, 5, 0).size(), 0);
}

TEST(clock_drift, bad_use_is_one_line) {
  const Series x = signals::series({0, 1, 2, 3}, {1, 2, 3, 4});
  expect_error(ErrorKind::usage, "clock: expected a drift above -1, got -1",
               [&] { apply_clock(x, 0, -1); });
  expect_error(ErrorKind::usage, "expected a drift above -1, got nan",
               [&] { apply_clock(x, 0, NAN); });
  expect_error(ErrorKind::data, "measurement 2: expected a time after that of the one before",
               [&] { apply_clock(x, 0, -0.9); });
  expect_error(ErrorKind::data, "clock: expected a time within 292 years",
               [&] { apply_clock(x, INT64_MAX, 0.5); });
  WindowOptions options;
  options.hop_ns = -5;
  expect_error(ErrorKind::usage, "drift: expected a window and a hop above 0 and below 73 years",
               [&] { find_drift(x, x, options); });
  options.hop_ns = 1;
  expect_error(ErrorKind::usage, "windows, got 1000000; take a longer hop", [&] {
    find_drift(signals::series({0, 1000000}, {1, 2}), x, options);
  });
}

}  // namespace
}  // namespace braid::align
