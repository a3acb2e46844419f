#include "align/clock_offset.h"

#include "align/clock_signals.h"
#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using namespace signals;

constexpr uint64_t kSeeds = 10;

void expect_unreliable(const Offset& offset, const std::string& reason) {
  EXPECT_FALSE(offset.is_reliable);
  EXPECT_NE(offset.reason.find(reason), std::string::npos) << offset.reason;
  EXPECT_GE(offset.uncertainty_ns, 0);
  EXPECT_TRUE(std::isfinite(offset.correlation));
}

// A tick of 10 ms at which one of 200 values is 1, seen 30 ms later by b's clock.
TEST(clock_offset, the_sign_is_b_minus_a) {
  std::vector<double> values(200, 0);
  values[100] = 1;
  values[104] = 0.5;
  const Series a = series(regular_ticks(0, 1990 * kMs, 10 * kMs), values);
  Series b = a;
  for (int64_t& time : b.times_ns) time += 30 * kMs;
  EXPECT_EQ(find_offset(a, b).offset_ns, 30 * kMs);
  EXPECT_EQ(find_offset(b, a).offset_ns, -30 * kMs);
  EXPECT_NEAR(find_offset(a, b).correlation, 1, 1e-12);
}

// x = 0 0 1 0 0 0 and its copy one step later: over the 5 pairs of that lag Pearson is 1, over the
// 6 of lag 0 it is -1/5: sum (x - 1/6)(y - 1/6) = -1/6, sum (x - 1/6)^2 = 5/6.
TEST(clock_offset, pearson_over_the_overlap) {
  const Series a = series(regular_ticks(0, 50, 10), {0, 0, 1, 0, 0, 0});
  const Series b = series(regular_ticks(0, 50, 10), {0, 0, 0, 1, 0, 0});
  OffsetOptions options;
  options.max_offset_ns = 1000;
  const Offset offset = find_offset(a, b, options);
  EXPECT_NEAR(static_cast<double>(offset.offset_ns), 10, 1);
  EXPECT_EQ(offset.overlap_ns, 50);
  EXPECT_EQ(offset.num_clips, 1);
  options.max_offset_ns = 5;  // lag 0 alone
  EXPECT_NEAR(find_offset(a, b, options).correlation, -0.2, 1e-12);
  expect_unreliable(find_offset(a, b, options), "edge of the search range");
}

TEST(clock_offset, a_fraction_of_a_step_without_noise) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const int64_t truth = static_cast<int64_t>(Rng(seed).uniform(-2e9, 2e9));
    const Streams s = observed(bursts(30, seed), 30, truth, /*noise=*/0, seed);
    const Offset offset = find_offset(s.a, s.b);
    EXPECT_TRUE(offset.is_reliable) << offset.reason;
    EXPECT_LT(std::abs(offset.offset_ns - truth), kMs / 10);
  }
}

TEST(clock_offset, with_noise_the_error_is_what_is_claimed) {
  double squares = 0, claimed = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const int64_t truth = static_cast<int64_t>(Rng(seed).uniform(-2e9, 2e9));
    const Streams s = observed(bursts(60, seed), 60, truth, /*noise=*/0.1, seed);
    const Offset offset = find_offset(s.a, s.b);
    EXPECT_TRUE(offset.is_reliable) << offset.reason;
    const double error = static_cast<double>(offset.offset_ns - truth) * 1e-6;
    EXPECT_LT(std::abs(error), 5);
    squares += error * error;
    claimed += std::pow(static_cast<double>(offset.uncertainty_ns) * 1e-6, 2);
  }
  EXPECT_GT(std::sqrt(claimed / squares), 0.5);
  EXPECT_LT(std::sqrt(claimed / squares), 2);
}

TEST(clock_offset, unrelated_streams_are_not_reliable) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Streams s = observed(bursts(30, seed), 30, 0, 0.1, seed);
    const Streams other = observed(bursts(30, seed + 1000), 30, 0, 0.1, seed + 1000);
    const Offset offset = find_offset(s.a, other.b);
    EXPECT_FALSE(offset.is_reliable);
    EXPECT_FALSE(offset.reason.empty());
  }
}

TEST(clock_offset, clocks_of_another_epoch_by_an_expected_offset) {
  const int64_t epoch = 1700000000 * kSecond + 123456789;
  const Streams s = observed(bursts(30, 1), 30, epoch + 40 * kMs, 0, 1);
  expect_unreliable(find_offset(s.a, s.b), "too little overlap");
  OffsetOptions options;
  options.expected_ns = epoch;
  const Offset offset = find_offset(s.a, s.b, options);
  EXPECT_TRUE(offset.is_reliable) << offset.reason;
  EXPECT_LT(std::abs(offset.offset_ns - epoch - 40 * kMs), kMs / 10);
}

TEST(clock_offset, gaps_are_left_out) {
  Streams s = observed(bursts(60, 3), 60, 70 * kMs, 0.05, 3);
  for (size_t i = 1000; i < 2500; ++i) s.a.values[i] = NAN;
  s.b.times_ns.erase(s.b.times_ns.begin() + 1200, s.b.times_ns.begin() + 1600);
  s.b.values.erase(s.b.values.begin() + 1200, s.b.values.begin() + 1600);
  const Offset offset = find_offset(s.a, s.b);
  EXPECT_TRUE(offset.is_reliable) << offset.reason;
  EXPECT_LT(std::abs(offset.offset_ns - 70 * kMs), 5 * kMs);
  EXPECT_LT(offset.overlap_ns, 40 * kSecond);
}

TEST(clock_offset, a_periodic_signal_is_ambiguous_and_says_so) {
  const Signal once = bursts(3, 7),
               again = [&](double t) { return once(t - 3 * std::floor(t / 3)); };
  const Streams s = observed(again, 60, 100 * kMs, 0.1, 1);
  const Offset offset = find_offset(s.a, s.b);
  expect_unreliable(offset, "another peak is nearly as high");
  OffsetOptions options;
  options.max_offset_ns = kSecond;
  const Offset near = find_offset(s.a, s.b, options);
  EXPECT_TRUE(near.is_reliable) << near.reason;
  EXPECT_LT(std::abs(near.offset_ns - 100 * kMs), 5 * kMs);
  const Signal sine = [](double t) { return std::sin(2 * kPi * t); };  // any other goes with it
  const Streams of_sine = observed(sine, 60, 100 * kMs, 0, 1);
  expect_unreliable(find_offset(of_sine.a, of_sine.b), "");
}

TEST(clock_offset, several_short_recordings_decide_together) {
  int alone = 0, together = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    std::vector<std::pair<Series, Series>> clips;
    const int64_t truth = static_cast<int64_t>(Rng(seed).uniform(-1e9, 1e9));
    for (uint64_t clip = 0; clip < 8; ++clip) {
      Streams s = observed(bursts(8, 100 * seed + clip), 8, truth, 0.3, 100 * seed + clip);
      for (double& value : s.b.values) value *= static_cast<double>(clip + 1);  // gains differ
      clips.emplace_back(s.a, s.b);
    }
    alone += find_offset(clips[0].first, clips[0].second).is_reliable;
    const Offset offset = find_offset(clips);
    together += offset.is_reliable;
    EXPECT_LT(std::abs(offset.offset_ns - truth), 60 * kMs);
    EXPECT_GT(offset.overlap_ns, 40 * kSecond);
  }
  EXPECT_EQ(together, static_cast<int>(kSeeds));
  EXPECT_LT(alone, together);
}

TEST(clock_offset, a_random_walk_needs_differences) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Rng random(seed);
    std::vector<double> walk = {0};
    for (int i = 1; i < 3000; ++i) walk.push_back(walk.back() + random.normal());
    const Series a = series(regular_ticks(0, 29990 * kMs, 10 * kMs), walk);
    Series b = a;
    for (int64_t& time : b.times_ns) time += 234 * kMs;
    for (double& value : b.values) value += 0.3 * random.normal();
    OffsetOptions options;
    options.uses_differences = true;
    const Offset offset = find_offset(a, b, options);
    EXPECT_TRUE(offset.is_reliable) << offset.reason;
    EXPECT_LT(std::abs(offset.offset_ns - 234 * kMs), 2 * kMs);
    std::vector<double> other = {0};
    for (int i = 1; i < 3000; ++i) other.push_back(other.back() + random.normal());
    b.values = other;
    EXPECT_FALSE(find_offset(a, b).is_reliable);
    EXPECT_FALSE(find_offset(a, b, options).is_reliable);
  }
}

TEST(clock_offset, a_sound_and_a_movement_by_their_envelopes) {
  const Signal loud = bursts(40, 5);
  Rng random(5);
  const Series sound = sampled([&](double t) { return loud(t) * random.normal(); },
                               regular_ticks(0, 40 * kSecond, kMs / 2));
  // What moves while it is loud: its speed is the loudness.
  Series mouth = {"mouth", {}, 2, {}};
  double place = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    const double t = static_cast<double>(i) * 0.04;
    mouth.times_ns.push_back(i * 40 * kMs + 150 * kMs);
    mouth.values.insert(mouth.values.end(), {0.6 * place, 0.8 * place});
    place += 0.04 * loud(t + 0.02);
  }
  const Offset offset = find_offset(rms_envelope(sound, 40 * kMs, 10 * kMs), speed_envelope(mouth));
  EXPECT_TRUE(offset.is_reliable) << offset.reason;
  EXPECT_LT(std::abs(offset.offset_ns - 150 * kMs), 10 * kMs);
}

// About the mean 2: -1, 1, -1, 1 have squares of 1; windows of 20 hold three, and two at the ends.
TEST(clock_offset, envelopes_by_hand) {
  const Series rms = rms_envelope(series({0, 10, 20, 30}, {1, 3, 1, 3}), 20, 10);
  EXPECT_EQ(rms.times_ns, (std::vector<int64_t>{0, 10, 20, 30}));
  expect_values(rms.values, {1, 1, 1, 1});
  expect_values(rms_envelope(series({0, 10, 50}, {NAN, NAN, 2}), 10, 25).values, {NAN, NAN, 0});
  const Series speed = speed_envelope({"x", {0, kSecond, 3 * kSecond}, 2, {0, 0, 3, 4, 3, NAN}});
  EXPECT_EQ(speed.times_ns, (std::vector<int64_t>{kSecond / 2, 2 * kSecond}));
  expect_values(speed.values, {5, NAN});
  EXPECT_EQ(rms_envelope(series({}, {}), 20, 10).size(), 0);
  EXPECT_EQ(speed_envelope(series({5}, {1})).size(), 0);
  check(speed_envelope(series({0, 1, 2, 3}, {1, 2, 3, 4})));
  expect_error(ErrorKind::usage, "expected a window and a step above 0",
               [] { rms_envelope(series({0}, {1}), 0, 10); });
}

TEST(clock_offset, what_says_nothing_has_a_reason) {
  const Streams s = observed(bursts(20, 1), 20, 0, 0, 1);
  Series constant = s.b, empty = s.b, all_nan = s.b, single = s.b;
  for (double& value : constant.values) value = 7;
  for (double& value : all_nan.values) value = NAN;
  empty.times_ns.clear();
  empty.values.clear();
  single.times_ns.resize(1);
  single.values.resize(1);
  expect_unreliable(find_offset(s.a, constant), "b is constant");
  expect_unreliable(find_offset(all_nan, s.a), "b has no measurements");
  expect_unreliable(find_offset(s.a, empty), "b has no measurements");
  expect_unreliable(find_offset(s.a, single), "b is shorter than three steps");
  expect_unreliable(find_offset(single, single), "no stream has two measurements");
  expect_unreliable(find_offset(std::vector<std::pair<Series, Series>>{}), "no recording");
  Series far = s.b;
  for (int64_t& time : far.times_ns) time += INT64_MAX / 4;
  expect_unreliable(find_offset(s.a, far), "too little overlap");
  EXPECT_EQ(find_offset(s.a, far).offset_ns, 0);
}

TEST(clock_offset, bad_options_are_one_line) {
  const Series x = series({0, 10, 20}, {1, 2, 1});
  OffsetOptions options;
  options.max_offset_ns = 0;
  expect_error(ErrorKind::usage, "greatest offset: expected above 0",
               [&] { find_offset(x, x, options); });
  options = {};
  options.method = "liner";
  expect_error(ErrorKind::config, "did you mean 'linear'?", [&] { find_offset(x, x, options); });
  expect_error(ErrorKind::shape, "two: channels: expected 1, got 2", [&] {
    find_offset(x, Series{"two", {0}, 2, {1, 2}});
  });
  options = {};
  options.step_ns = 1;
  expect_error(ErrorKind::usage, "grid: expected at most 16777216 ticks", [&] {
    find_offset(series({0, kSecond}, {1, 2}), x, options);
  });
}

}  // namespace
}  // namespace braid::align
