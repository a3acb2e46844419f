#include "processors/log_spectrogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "core/rng.h"
#include "processors/audio_support.h"
#include "support/shared_folders.h"

namespace braid::processors {
namespace {

using ::testing::Each;

std::vector<float> noise(int64_t size) {
  Rng rng(4);
  std::vector<float> samples(size);
  for (float& sample : samples) sample = static_cast<float>(rng.uniform(-1, 1));
  return samples;
}

// Bands of one bin each, of weight 2.
LogSpectrogramConfig config_of(int64_t window, int64_t fft_size, int64_t hop) {
  LogSpectrogramConfig config;
  config.window = hann_window(window, /*is_periodic=*/true);
  config.fft_size = fft_size;
  config.hop_samples = hop;
  for (int64_t k = 0; k <= fft_size / 2; ++k) config.bank.push_back({k, {2.0}});
  return config;
}

// The header's formulas, term by term.
double slow_value(const std::vector<float>& samples, const LogSpectrogramConfig& config, int64_t t,
                  int64_t bin) {
  const auto size = static_cast<int64_t>(config.window.size());
  std::vector<double> frame(size);
  double mean = 0;
  for (int64_t i = 0; i < size; ++i) {
    frame[i] = samples[t * config.hop_samples + i];
    mean += frame[i] / static_cast<double>(size);
  }
  if (config.is_mean_removed)
    for (double& x : frame) x -= mean;
  std::complex<double> sum = 0;
  for (int64_t i = 0; i < size; ++i)
    sum += (frame[i] - config.preemphasis * frame[std::max<int64_t>(i - 1, 0)]) * config.window[i] *
           std::polar(1.0, -2 * M_PI * static_cast<double>(i * bin % config.fft_size) /
                               static_cast<double>(config.fft_size));
  return config.log_scale * std::log(std::max(config.floor, 2 * std::norm(sum)));
}

void expect_slow(const LogSpectrogramConfig& config, int64_t num_frames) {
  const auto size = static_cast<int64_t>(config.window.size());
  const auto num_mels = static_cast<int64_t>(config.bank.size());
  const std::vector<float> samples = noise((num_frames - 1) * config.hop_samples + size);
  std::vector<float> got(num_frames * num_mels);
  LogSpectrogram spectrogram(config);
  spectrogram(samples.data(), num_frames, got.data());
  for (int64_t t = 0; t < num_frames; ++t)
    for (int64_t k = 0; k < num_mels; ++k)
      ASSERT_NEAR(got[t * num_mels + k], slow_value(samples, config, t, k), 1e-5)
          << t << " of " << num_frames << ", bin " << k;
}

// Frames are computed eight at a time: fewer, as many, a rest of less and of more than half.
TEST(log_spectrogram, equals_the_formula) {
  for (const int64_t num_frames : {1, 3, 4, 5, 8, 9, 15, 16, 17, 31, 40})
    expect_slow(config_of(20, 20, 7), num_frames);
  LogSpectrogramConfig config = config_of(25, 32, 10);
  config.is_mean_removed = true;
  config.preemphasis = 0.97;
  config.log_scale = 10 / std::log(10.0);
  for (const int64_t num_frames : {1, 7, 24, 33}) expect_slow(config, num_frames);
}

TEST(log_spectrogram, windows_of_the_reference) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  for (const auto& [name, size, is_periodic] :
       {std::tuple<const char*, int64_t, bool>{"hann_400_periodic", 400, true},
        {"hann_400_symmetric", 400, false},
        {"hann_1024_periodic", 1024, true}}) {
    const formats::NpyArray golden =
        formats::read_npy(goldens + "/processors/audio/filters/" + name + ".npy");
    const std::vector<double> got = hann_window(size, is_periodic);
    ASSERT_EQ(got.size(), golden.values.size());
    for (size_t i = 0; i < got.size(); ++i)
      ASSERT_NEAR(got[i], golden.values[i], 1e-15) << name << " " << i;
  }
}

// Mirrored, then silent, then mirrored again, whatever the sound's length: the same as the whole
// written out.
TEST(log_spectrogram, centred_frames_equal_the_sound_written_out) {
  for (const int64_t window : {10, 11})
    for (const int64_t total : {12, 50, 64})
      for (int64_t num_samples = 1; num_samples <= total; ++num_samples) {
        const int64_t hop = 4, half = window / 2, num_frames = 1 + total / hop;
        std::vector<float> samples = noise(num_samples);
        std::vector<float> all = samples;
        all.resize(total);
        std::vector<float> around(half), right;
        for (int64_t i = 0; i < half; ++i) around[i] = all[half - i];
        for (int64_t i = 0; i < window; ++i)
          right.push_back(all[std::max<int64_t>(total - 2 - i, 0)]);
        around.insert(around.end(), all.begin(), all.end());
        around.insert(around.end(), right.begin(), right.end());
        const LogSpectrogram spectrogram(config_of(window, window, hop));
        std::vector<float> expected(num_frames * spectrogram.num_mels());
        std::vector<float> got(expected.size(), 99.0f);
        spectrogram(around.data(), num_frames, expected.data());
        spectrogram.centred(samples.data(), num_samples, total, num_frames, got.data());
        ASSERT_EQ(got, expected) << window << " " << total << " " << num_samples;
      }
}

TEST(log_spectrogram, silence_is_the_floor) {
  LogSpectrogramConfig config = config_of(16, 16, 4);
  config.log_scale = 1 / std::log(10.0);
  const LogSpectrogram spectrogram(config);
  EXPECT_FLOAT_EQ(spectrogram.silence(), -10.0f);
  const std::vector<float> silence(16 + 4 * 39);
  std::vector<float> got(40 * spectrogram.num_mels());
  spectrogram(silence.data(), 40, got.data());
  EXPECT_THAT(got, Each(spectrogram.silence()));
}

}  // namespace
}  // namespace braid::processors
