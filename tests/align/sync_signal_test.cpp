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

}  // namespace
}  // namespace braid::align
