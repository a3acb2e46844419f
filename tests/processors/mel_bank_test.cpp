#include "processors/mel_bank.h"

#include <gtest/gtest.h>

#include <cmath>

#include "processors/audio_support.h"
#include "support/shared_folders.h"

namespace braid::processors {
namespace {

// (bins, bands), as the reference has it.
std::vector<double> dense(const std::vector<MelBand>& bank, int64_t num_bins) {
  std::vector<double> values(num_bins * bank.size());
  for (size_t m = 0; m < bank.size(); ++m)
    for (size_t i = 0; i < bank[m].weights.size(); ++i)
      values[(bank[m].first_bin + i) * bank.size() + m] = bank[m].weights[i];
  return values;
}

MelBankConfig config_of(int64_t rate_hz, int64_t fft_size, int64_t num_mels, double low_hz,
                        double high_hz, MelScale scale) {
  MelBankConfig config;
  config.rate_hz = rate_hz;
  config.fft_size = fft_size;
  config.num_mels = num_mels;
  config.low_hz = low_hz;
  config.high_hz = high_hz;
  config.scale = scale;
  return config;
}

TEST(mel_bank, equals_the_reference) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  const struct {
    const char* name;
    MelBankConfig config;
  } cases[] = {
      {"whisper_mel_80", config_of(16000, 400, 80, 0, 8000, MelScale::slaney)},
      {"whisper_mel_128", config_of(16000, 400, 128, 0, 8000, MelScale::slaney)},
      {"clap_slaney_64", config_of(48000, 1024, 64, 50, 14000, MelScale::slaney)},
      {"ast_kaldi_128", config_of(16000, 512, 128, 20, 8000, MelScale::kaldi)},
  };
  for (const auto& [name, config] : cases) {
    const formats::NpyArray golden =
        formats::read_npy(goldens + "/processors/audio/filters/" + name + ".npy");
    const std::vector<double> got = dense(mel_bank(config), golden.shape[0]);
    ASSERT_EQ(got.size(), golden.values.size()) << name;
    for (size_t i = 0; i < got.size(); ++i)
      ASSERT_NEAR(got[i], golden.values[i], 1e-12) << name << " " << i;
  }
}

// Below 1 kHz slaney's scale is straight: edges of 3 bands from 0 to 800 Hz at 0, 200, 400, 600,
// 800. Bins of 8 points at 1600 Hz: 0, 200, 400, 600, 800. Each band has its peak alone, 2 / 400
// high.
TEST(mel_bank, slaney_by_hand) {
  const std::vector<MelBand> bank = mel_bank(config_of(1600, 8, 3, 0, 800, MelScale::slaney));
  ASSERT_EQ(bank.size(), 3u);
  for (int64_t m = 0; m < 3; ++m) {
    ASSERT_EQ(bank[m].weights.size(), 1u);
    EXPECT_EQ(bank[m].first_bin, m + 1);
    EXPECT_NEAR(bank[m].weights[0], 0.005, 1e-15);
  }
}

// One band from 0 to 700 Hz peaks where 1 + f / 700 = sqrt(2), at 289.949 Hz; the bins of 4 points
// at 1400 Hz are 0, 350, 700. 350 Hz lies ln 1.5 / ln 2 = 0.584963 of the way up, so that its
// weight is (1 - 0.584963) / 0.5 = 0.830075.
TEST(mel_bank, kaldi_by_hand) {
  const std::vector<MelBand> bank = mel_bank(config_of(1400, 4, 1, 0, 700, MelScale::kaldi));
  ASSERT_EQ(bank[0].weights.size(), 1u);
  EXPECT_EQ(bank[0].first_bin, 1);
  EXPECT_NEAR(bank[0].weights[0], 0.830075, 1e-6);
}

TEST(mel_bank, bands_between_bins_and_above_half_the_rate_are_empty) {
  for (const MelBand& band : mel_bank(config_of(16000, 2, 5, 100, 1000, MelScale::slaney)))
    EXPECT_TRUE(band.weights.empty());
  const std::vector<MelBand> bank = mel_bank(config_of(8000, 400, 80, 0, 8000, MelScale::slaney));
  EXPECT_FALSE(bank.front().weights.empty());
  EXPECT_TRUE(bank.back().weights.empty());
}

}  // namespace
}  // namespace braid::processors
