#include "data/log_mel.h"

#include <gmock/gmock.h>

#include <cmath>
#include <complex>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "core/rng.h"
#include "formats/npy.h"
#include "support/shared_folders.h"

namespace braid::data {
namespace {

using ::testing::Each;
using ::testing::FloatEq;
using ::testing::HasSubstr;

LogMelConfig config_of(int64_t rate_hz, double window_ms, double hop_ms, int64_t num_mels,
                       double low_hz = 0, double high_hz = 0) {
  LogMelConfig config;
  config.rate_hz = rate_hz;
  config.window_ms = window_ms;
  config.hop_ms = hop_ms;
  config.num_mels = num_mels;
  config.low_hz = low_hz;
  config.high_hz = high_hz;
  return config;
}

std::vector<float> noise(int64_t num_samples) {
  Rng rng(4);
  std::vector<float> samples(num_samples);
  for (float& sample : samples) sample = static_cast<float>(rng.uniform(-1, 1));
  return samples;
}

// The header's formulas, term by term, with a discrete Fourier transform by its definition.
double slow_log_mel(const std::vector<float>& samples, const LogMelConfig& c, int64_t fft_size,
                    int64_t t, int64_t m) {
  const int64_t window = std::llround(c.window_ms * c.rate_hz / 1000);
  const int64_t hop = std::llround(c.hop_ms * c.rate_hz / 1000);
  const int64_t n = static_cast<int64_t>(samples.size());
  const double high = c.high_hz == 0 ? c.rate_hz / 2.0 : c.high_hz;
  const auto mel = [](double f) { return 2595 * std::log10(1 + f / 700); };
  const auto edge = [&](int64_t i) {
    const double at = mel(c.low_hz) + (mel(high) - mel(c.low_hz)) * i / (c.num_mels + 1);
    return 700 * (std::pow(10, at / 2595) - 1);
  };
  double sum = 0;
  for (int64_t k = 0; k <= fft_size / 2; ++k) {
    const double f = static_cast<double>(k) * c.rate_hz / fft_size;
    const double weight = std::max(0.0, std::min((f - edge(m)) / (edge(m + 1) - edge(m)),
                                                 (edge(m + 2) - f) / (edge(m + 2) - edge(m + 1))));
    if (weight == 0) continue;
    std::complex<double> x = 0;
    for (int64_t i = 0; i < window; ++i) {
      int64_t at = t * hop - window / 2 + i;
      if (n > window - window / 2) {
        if (at < 0) at = -at;
        if (at >= n) at = 2 * (n - 1) - at;
      }
      const double sample = at >= 0 && at < n ? samples[at] : 0;
      x += sample * (0.5 - 0.5 * std::cos(2 * M_PI * i / window)) *
           std::polar(1.0, -2 * M_PI * static_cast<double>(i * k % fft_size) / fft_size);
    }
    sum += weight * std::norm(x);
  }
  return std::log(std::max(sum, 1e-10));
}

void expect_slow(const std::vector<float>& samples, const LogMelConfig& config, int64_t fft_size) {
  int64_t num_frames = 0;
  const std::vector<float> got = log_mel(samples, config, &num_frames);
  ASSERT_EQ(got.size(), static_cast<size_t>(num_frames * config.num_mels));
  for (int64_t t = 0; t < num_frames; ++t)
    for (int64_t m = 0; m < config.num_mels; ++m)
      ASSERT_NEAR(got[t * config.num_mels + m], slow_log_mel(samples, config, fft_size, t, m), 1e-3)
          << "frame " << t << " band " << m;
}

TEST(log_mel, equals_the_formula) {
  // 25 ms at 8 kHz are 200 samples: FFT 256. 1 ms at 8 kHz and hop 0.5 ms: W 8, H 4.
  expect_slow(noise(1000), config_of(8000, 25, 10, 12, 20), 256);
  expect_slow(noise(50), config_of(8000, 1, 0.5, 2), 8);
  // An odd window: 15 samples, reach 7 before and 8 after; from 9 samples on it is mirrored.
  for (int64_t n : {1, 7, 8, 9, 10, 15, 16}) expect_slow(noise(n), config_of(1000, 15, 4, 3), 16);
}

TEST(log_mel, counts_frames) {
  // 16 kHz: window 400, hop 160. T = 1 + floor(N / 160).
  const LogMel log_mel_of(config_of(16000, 25, 10, 64));
  EXPECT_EQ(log_mel_of.window_samples(), 400);
  EXPECT_EQ(log_mel_of.hop_samples(), 160);
  EXPECT_EQ(log_mel_of.fft_size(), 512);
  for (auto [n, frames] : {std::pair<int64_t, int64_t>{1, 1}, {159, 1}, {160, 2}, {1600, 11}}) {
    int64_t num_frames = 0;
    EXPECT_EQ(log_mel_of(noise(n), &num_frames).size(), static_cast<size_t>(frames * 64));
    EXPECT_EQ(num_frames, frames);
    EXPECT_EQ(log_mel_of.num_frames(n), frames);
  }
}

TEST(log_mel, a_tone_is_loudest_in_its_own_band) {
  // mel(1000) = 2595 log10(1 + 1000 / 700) = 999.99; mel(8000) = 2840.02. With 40 bands the peaks
  // lie 2840.02 / 41 = 69.27 apart, so that 1 kHz is 14.44 steps up: nearest peak 14, band 13.
  std::vector<float> tone(16000);
  for (size_t i = 0; i < tone.size(); ++i)
    tone[i] = static_cast<float>(std::sin(2 * M_PI * 1000 * static_cast<double>(i) / 16000));
  int64_t num_frames = 0;
  const std::vector<float> got = log_mel(tone, config_of(16000, 25, 10, 40), &num_frames);
  for (int64_t t = 5; t < num_frames - 5; ++t) {
    const auto row = got.begin() + t * 40;
    EXPECT_EQ(std::max_element(row, row + 40) - row, 13);
  }
}

TEST(log_mel, silence_is_the_floor) {
  int64_t num_frames = 0;
  EXPECT_THAT(log_mel(std::vector<float>(3000), LogMelConfig(), &num_frames),
              Each(FloatEq(static_cast<float>(std::log(1e-10)))));
}

TEST(log_mel, twice_the_amplitude_adds_log_4) {
  std::vector<float> samples = noise(2000);
  const LogMel log_mel_of(config_of(16000, 25, 10, 20));
  int64_t num_frames = 0;
  const std::vector<float> quiet = log_mel_of(samples, &num_frames);
  for (float& sample : samples) sample *= 2;
  const std::vector<float> loud = log_mel_of(samples, &num_frames);
  for (size_t i = 0; i < quiet.size(); ++i) EXPECT_NEAR(loud[i] - quiet[i], std::log(4.0), 1e-4);
}

// One sample v alone has the power (v w)^2 in every bin, w the window where the sample lies: in its
// middle, 1. Each band is then ln(v^2) + ln(its weights' sum), whatever the size of v.
TEST(log_mel, takes_logarithms_of_any_size) {
  const LogMel log_mel_of(config_of(16000, 25, 10, 20));
  const std::vector<double> bands = log_mel_of.bands();
  const size_t num_bins = bands.size() / 20;
  int64_t num_frames = 0;
  for (int exponent = -8; exponent <= 60; ++exponent)
    for (const double factor : {1.0, 1.19, 1.41421, 1.41422, 1.7, 1.999}) {
      const float v = static_cast<float>(std::ldexp(factor, exponent));
      const std::vector<float> got = log_mel_of({v}, &num_frames);
      for (size_t m = 0; m < 20; ++m) {
        const double weights =
            std::accumulate(&bands[m * num_bins], &bands[m * num_bins] + num_bins, 0.0);
        const double expected = 2 * std::log(static_cast<double>(v)) + std::log(weights);
        EXPECT_NEAR(got[m], expected, 1e-6 + 2e-7 * std::abs(expected)) << v << " band " << m;
      }
    }
  EXPECT_THAT(log_mel_of({1e30f}, &num_frames), Each(std::numeric_limits<float>::infinity()));
}

std::string config_error(const LogMelConfig& config) {
  try {
    LogMel log_mel_of(config);
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::config);
    return e.what();
  }
  return "";
}

TEST(log_mel, names_what_is_wrong) {
  EXPECT_EQ(config_error(config_of(0, 25, 10, 64)), "log_mel.rate_hz: expected above 0, got 0");
  EXPECT_THAT(config_error(config_of(1000, 0.4, 10, 64)),
              HasSubstr("log_mel.window_ms: expected at least one sample at 1000 Hz, got 0.4 ms"));
  EXPECT_THAT(config_error(config_of(1000, 25, 0.4, 64)), HasSubstr("log_mel.hop_ms"));
  EXPECT_EQ(config_error(config_of(8000, 25, 10, 64, 0, 4001)),
            "log_mel.high_hz: expected at most half of 8000 Hz, got 4001");
  EXPECT_EQ(config_error(config_of(8000, 25, 10, 64, 4000)),
            "log_mel.low_hz: expected 0 to below 4000, got 4000");
  int64_t num_frames = 0;
  try {
    log_mel({}, LogMelConfig(), &num_frames);
    ADD_FAILURE() << "no Error was thrown";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::shape);
    EXPECT_STREQ(e.what(), "log_mel: samples: expected at least 1, got 0");
  }
}

// The bank that transformers' mel_filter_bank makes for CLAP: HTK scale, no norm, 50 to 14000 Hz.
TEST(log_mel, has_the_bands_of_transformers) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  const LogMel log_mel_of(config_of(48000, 1024.0 / 48, 10, 64, 50, 14000));
  const formats::NpyArray expected =
      formats::read_npy(goldens + "/processors/audio/filters/clap_htk_64.npy");  // (513, 64)
  const std::vector<double> got = log_mel_of.bands();
  ASSERT_EQ(got.size(), expected.values.size());
  for (int64_t k = 0; k < 513; ++k)
    for (int64_t m = 0; m < 64; ++m)
      ASSERT_NEAR(got[m * 513 + k], expected.values[k * 64 + m], 1e-6) << k << " " << m;
}

// CLAP's fused extractor has the same parameters: HTK mel without norm, periodic Hann of 1024 at 48
// kHz, hop 480, power, mirrored borders; its values are decibels, 10 log10.
TEST(log_mel, equals_clap) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  const std::string folder = goldens + "/processors/audio/";
  const formats::NpyArray wave = formats::read_npy(folder + "wav/c48_short.npy");
  std::vector<float> samples(wave.values.begin(), wave.values.end());
  samples.resize(96000);  // the extractor fills up to two seconds with zeros
  int64_t num_frames = 0;
  const std::vector<float> got =
      log_mel(samples, config_of(48000, 1024.0 / 48, 10, 64, 0, 14000), &num_frames);
  const formats::NpyArray expected =
      formats::read_npy(folder + "clap_fusion_repeatpad_2s/c48_short.input_features.npy");
  ASSERT_EQ(expected.shape, (std::vector<int64_t>{1, 4, 201, 64}));
  ASSERT_EQ(num_frames, 201);
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i] * 10 / std::log(10.0), expected.values[i], 2e-3) << i;
}

}  // namespace
}  // namespace braid::data
