#include "align/sync_signal.h"

#include "align/signals.h"
#include "core/file.h"
#include "formats/audio.h"
#include "formats/video_samples.h"

namespace braid::align {
namespace {

using signals::kMs;
using signals::kSecond;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// At 1000 Hz a window has 40 samples; a burst of alternating +-0.5 lies in [0.1, 0.2) s.
TEST(sync_signal, loudness_lies_evenly_about_its_time) {
  std::vector<float> samples(300, 0);
  for (size_t i = 100; i < 200; ++i) samples[i] = i % 2 == 0 ? 0.5f : -0.5f;
  const Series loud = loudness(samples, 1000, kSecond);
  ASSERT_EQ(loud.size(), 30);
  EXPECT_EQ(loud.times_ns[15], kSecond + 150 * kMs);
  EXPECT_NEAR(loud.values[15], 0.5, 1e-6);
  EXPECT_NEAR(loud.values[10], 0.5 * std::sqrt(0.5), 1e-6);  // half of the window at the start
  EXPECT_NEAR(loud.values[20], 0.5 * std::sqrt(0.5), 1e-6);  // and at the end of the burst
  EXPECT_NEAR(loud.values[8], 0, 1e-6);
  EXPECT_NEAR(loud.values[22], 0, 1e-6);
}

TEST(sync_signal, a_constant_is_silent_at_any_rate) {
  for (const double rate_hz : {100.0, 11025.0, 44100.0})
    for (const double value : loudness(std::vector<float>(5000, 0.25f), rate_hz, 0).values)
      EXPECT_NEAR(value, 0, 1e-9);
  EXPECT_EQ(loudness({}, 100, 0).size(), 0);
}

// Frame i tells its number in eight stripes: from i to i + 1 as many change as bits do.
TEST(sync_signal, motion_is_the_change_between_frames) {
  TemporaryFolder folder;
  write_file_atomically(folder / "v.mp4", braid::testing::make_clip({}));
  const Series moved = motion(folder / "v.mp4", kSecond);
  ASSERT_EQ(moved.size(), 49);
  EXPECT_EQ(moved.times_ns[0], kSecond + 20 * kMs);
  EXPECT_EQ(moved.times_ns[1], kSecond + 60 * kMs);
  EXPECT_NEAR(moved.values[1] / moved.values[0], 2, 0.2);  // 1 -> 2, beside 0 -> 1
  EXPECT_NEAR(moved.values[3] / moved.values[0], 3, 0.3);  // 3 -> 4
  EXPECT_NEAR(moved.values[7] / moved.values[0], 4, 0.4);  // 7 -> 8
}

TEST(sync_signal, change_of_channels_counts_them_alike) {
  Series series;
  series.name = "x";
  series.channels = 2;
  series.times_ns = {0, kSecond, 2 * kSecond, 4 * kSecond};
  series.values = {0, 0, 1, 3000, 4, 3000, 4, kNan};
  // Channel 0 changes by 1, 3, 0 a second, 4/3 in the mean; channel 1 by 3000, 0: 1500.
  const Series changed = change(series);
  EXPECT_EQ(changed.times_ns, (std::vector<int64_t>{kSecond / 2, 3 * kSecond / 2, 3 * kSecond}));
  EXPECT_NEAR(changed.values[0], (0.75 + 2) / 2, 1e-9);
  EXPECT_NEAR(changed.values[1], (2.25 + 0) / 2, 1e-9);
  EXPECT_NEAR(changed.values[2], 0, 1e-9);
}

// 1 kHz become means of 10 ms, which lie evenly about their times.
TEST(sync_signal, fast_series_are_thinned_out) {
  const auto ramp_from_1s = [](double t) { return t < 1 ? 0 : t - 1; };
  const Series changed = change(signals::sampled(ramp_from_1s, regular_ticks(0, 2 * kSecond, kMs)));
  EXPECT_EQ(median_step(changed.times_ns), 10 * kMs);
  for (size_t i = 0; i < changed.times_ns.size(); ++i) {
    const double t = seconds(changed.times_ns[i]);
    if (t < 0.99) EXPECT_EQ(changed.values[i], 0) << t;
    if (t > 1.01) EXPECT_NEAR(changed.values[i], 2, 0.01) << t;  // the mean change is half of it
  }
}

// Three quarters of each signal's variance are one course; what is left of two goes apart again.
TEST(sync_signal, what_all_have_in_common_is_left_out) {
  const auto noise = [](const char* name, uint64_t seed) {
    Rng random = Rng(seed).fork(name);
    std::vector<double> values;
    for (int i = 0; i < 2000; ++i) values.push_back(random.normal());
    return values;
  };
  const auto correlation = [](const Series& a, const Series& b) {
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < a.values.size(); ++i) {
      ab += a.values[i] * b.values[i];
      aa += a.values[i] * a.values[i];
      bb += b.values[i] * b.values[i];
    }
    return ab / std::sqrt(aa * bb);
  };
  for (const double common : {0.75, 0.0}) {
    std::vector<Series> signals, own;
    const std::vector<double> course = noise("course", 1);
    for (uint64_t k = 0; k < 10; ++k) {
      const std::vector<double> its = noise("own", k);
      const int64_t start_ns = static_cast<int64_t>(k) * kSecond;  // each counts from its own
      Series series = {"x", regular_ticks(start_ns, start_ns + 1999 * 20 * kMs, 20 * kMs), 1, {}};
      own.push_back({"x", series.times_ns, 1, its});
      for (size_t i = 0; i < its.size(); ++i)
        series.values.push_back(
            7 + 3 * (std::sqrt(common) * course[i] + std::sqrt(1 - common) * its[i]));
      signals.push_back(std::move(series));
    }
    EXPECT_NEAR(leave_out_common(&signals), common, 0.03);
    EXPECT_LT(std::abs(correlation(signals[2], signals[7])), 0.2);  // 0.75 before
    EXPECT_GT(correlation(signals[2], own[2]), 0.93);
  }
}

TEST(sync_signal, what_has_nothing_to_say_is_left_empty) {
  std::vector<Series> signals = {{"none", {}, 1, {}},
                                 {"still", {0, kMs, 2 * kMs}, 1, {1, 1, 1}},
                                 {"gap", {0, kMs, 2 * kMs, 3 * kMs}, 1, {1, kNan, kNan, 2}},
                                 {"one", {5}, 1, {2}}};
  leave_out_common(&signals);
  EXPECT_EQ(signals[0].size(), 0);
  EXPECT_EQ(signals[1].size(), 0);
  EXPECT_EQ(signals[2].size(), 4);
  EXPECT_EQ(signals[3].size(), 1);
}

}  // namespace
}  // namespace braid::align
