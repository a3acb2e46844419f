#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "formats/audio.h"
#include "formats/media_samples.h"
#include "formats/npy.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

using braid::testing::error_of;

std::vector<float> sine(double hz, int rate_hz, size_t num_samples) {
  std::vector<float> samples(num_samples);
  for (size_t i = 0; i < num_samples; ++i)
    samples[i] = static_cast<float>(std::sin(2 * M_PI * hz * static_cast<double>(i) / rate_hz));
  return samples;
}

const std::vector<std::pair<int, int>> kRates = {{8000, 16000},  {16000, 8000},  {44100, 16000},
                                                 {48000, 16000}, {11025, 16000}, {16000, 44100},
                                                 {16000, 16001}};

TEST(resample, gives_the_ceiling_of_the_exact_length) {
  for (auto [from, to] : kRates)
    for (size_t n : {1, 2, 3, 10, 999, 1000, 10001}) {
      const size_t expected = (n * static_cast<size_t>(to) + from - 1) / from;
      EXPECT_EQ(resample(std::vector<float>(n, 0.5f), from, to).size(), expected)
          << from << " " << to;
    }
  EXPECT_TRUE(resample({}, 8000, 16000).empty());
}

TEST(resample, keeps_a_tone_in_place) {
  for (auto [from, to] : kRates) {
    const std::vector<float> got = resample(sine(440, from, from), from, to);  // one second
    const std::vector<float> expected = sine(440, to, to);
    for (size_t i = to / 20; i < got.size() - to / 20; ++i)
      ASSERT_NEAR(got[i], expected[i], 1e-4) << from << " to " << to << " sample " << i;
  }
}

TEST(resample, removes_what_the_new_rate_cannot_hold) {
  // 6 kHz lies above half of 8 kHz and would come back as 2 kHz.
  const std::vector<float> got = resample(sine(6000, 16000, 16000), 16000, 8000);
  for (size_t i = 400; i < got.size() - 400; ++i) ASSERT_LT(std::abs(got[i]), 1e-3);
}

TEST(resample, keeps_the_sum_of_a_short_click) {
  // One sample of 1 between zeros has the area 1 / rate at either rate.
  for (auto [from, to] : kRates) {
    std::vector<float> click(401);
    click[200] = 1;
    const std::vector<float> got = resample(click, from, to);
    EXPECT_NEAR(std::accumulate(got.begin(), got.end(), 0.0) / to * from, 1, 0.01)
        << from << " " << to;
  }
}

TEST(resample, is_the_same_whatever_came_before_or_after) {
  const std::vector<float> samples = sine(300, 44100, 200000);
  const std::vector<float> all = resample(samples, 44100, 16000);
  const std::vector<float> part =
      resample({samples.begin(), samples.begin() + 100000}, 44100, 16000);
  for (size_t i = 0; i + 100 < part.size(); ++i) ASSERT_EQ(all[i], part[i]) << i;
}

TEST(resample, refuses_impossible_rates) {
  EXPECT_EQ(error_of(ErrorKind::usage, [] { resample({0.0f}, 0, 16000); }),
            "resample: rate: expected 1 to 768000 Hz, got 0");
  EXPECT_EQ(error_of(ErrorKind::usage, [] { resample({0.0f}, 16000, -1); }),
            "resample: rate: expected 1 to 768000 Hz, got -1");
}

// torchaudio's windowed sinc is shorter (6 zero crossings), so that the two differ near half the
// rate.
TEST(resample, follows_torchaudio) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  const std::string folder = goldens + "/processors/audio/resample/";
  for (int rate_hz : {8000, 11025, 22050, 44100, 48000}) {
    const NpyArray in = read_npy(folder + "in_" + std::to_string(rate_hz) + ".npy");
    const NpyArray expected =
        read_npy(folder + "out_" + std::to_string(rate_hz) + "_to_16000_torchaudio.npy");
    const std::vector<float> got = resample({in.values.begin(), in.values.end()}, rate_hz, 16000);
    ASSERT_EQ(got.size(), expected.values.size());
    double error = 0, power = 0;
    for (size_t i = 0; i < got.size(); ++i) {
      error += std::pow(got[i] - expected.values[i], 2);
      power += std::pow(expected.values[i], 2);
    }
    EXPECT_LT(std::sqrt(error / power), 0.08) << rate_hz;
  }
}

}  // namespace
}  // namespace braid::formats
