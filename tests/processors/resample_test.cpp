#include "processors/resample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/rng.h"
#include "processors/audio_support.h"
#include "support/shared_folders.h"

namespace braid::processors {
namespace {

TEST(resample, equals_torchaudio) {
  const std::string goldens = braid::testing::goldens_folder();
  if (goldens.empty()) GTEST_SKIP() << "no folder of golden files";
  int num_compared = 0;
  for (const auto& path : sorted_entries(goldens + "/processors/audio/resample")) {
    int from_hz = 0, to_hz = 0;
    const std::string name = path.filename().string();
    if (std::sscanf(name.c_str(), "out_%d_to_%d_torchaudio.npy", &from_hz, &to_hz) != 2) continue;
    SCOPED_TRACE(name);
    const std::vector<float> samples =
        read_samples((path.parent_path() / ("in_" + std::to_string(from_hz) + ".npy")).string());
    const std::vector<double> expected = formats::read_npy(path.string()).values;
    // torchaudio places the filter's taps in single precision: more samples a period, less exact.
    EXPECT_LE(farthest(resample_sinc(samples, from_hz, to_hz), expected), 2e-5);
    ++num_compared;
  }
  EXPECT_GE(num_compared, 5);
}

// 2 to 1: o 2, n 1, b 0.99. The tap for the sample at distance d (in samples) from the result's
// place has b t = 0.99 d / 2 and the weight 0.495 sinc(b t) cos^2(pi b t / 12): from the impulse at
// sample 4, results 1, 2 and 3 (places 2, 4, 6) have distances 2, 0 and 2: b t = 0.99, 0.495 *
// sin(0.99 pi) / (0.99 pi) * cos^2(0.99 pi / 12) = 0.495 * 0.0100995 * 0.934258 = 0.0046706.
TEST(resample, weighs_by_hand) {
  std::vector<float> impulse(9);
  impulse[4] = 1;
  const std::vector<float> got = resample_sinc(impulse, 2, 1);
  ASSERT_EQ(got.size(), 5u);
  EXPECT_NEAR(got[2], 0.495, 1e-6);
  EXPECT_NEAR(got[1], 0.0046706, 1e-6);
  EXPECT_FLOAT_EQ(got[1], got[3]);
}

// The formula, term by term, over every sample.
double slowly(const std::vector<float>& samples, double from, double to, int64_t i) {
  const double base = 0.99 * std::min(from, to);
  double sum = 0;
  for (size_t j = 0; j < samples.size(); ++j) {
    const double t = base * (static_cast<double>(j) / from - static_cast<double>(i) / to);
    if (std::fabs(t) >= 6) continue;
    const double sinc = t == 0 ? 1 : std::sin(M_PI * t) / (M_PI * t);
    sum += samples[j] * base / from * sinc * std::pow(std::cos(M_PI * t / 12), 2);
  }
  return sum;
}

TEST(resample, equals_the_formula_at_any_length) {
  Rng rng(3);
  for (const auto& [from, to] : {std::pair<int, int>{3, 2}, {2, 3}, {7, 1}, {1, 7}, {441, 160}})
    for (const int64_t size : {1, 2, 5, 100, 1000}) {
      std::vector<float> samples(size);
      for (float& sample : samples) sample = static_cast<float>(rng.uniform(-1, 1));
      const std::vector<float> got = resample_sinc(samples, from * 5, to * 5);
      ASSERT_EQ(got.size(), static_cast<size_t>((size * to + from - 1) / from));
      for (size_t i = 0; i < got.size(); ++i)
        ASSERT_NEAR(got[i], slowly(samples, from, to, static_cast<int64_t>(i)), 1e-6)
            << from << " to " << to << ", " << size << " samples, result " << i;
    }
}

TEST(resample, keeps_what_needs_no_resampling) {
  EXPECT_THAT(resample_sinc({1, 2, 3}, 8000, 8000), ::testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(resample_sinc({}, 8000, 16000), ::testing::IsEmpty());
}

// Rates without a common divisor: a filter for every result, not for every place there could be.
TEST(resample, takes_any_rates) {
  EXPECT_EQ(resample_sinc(std::vector<float>(3, 1.0f), 767999, 768000).size(), 4u);
  EXPECT_EQ(resample_sinc(std::vector<float>(1000, 1.0f), 767999, 1).size(), 1u);
}

TEST(resample, names_what_is_wrong) {
  for (const auto& [from, to] : {std::pair<int, int>{0, 16000}, {16000, 768001}, {-1, 1}}) {
    try {
      resample_sinc({1}, from, to);
      ADD_FAILURE() << "no Error was thrown";
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::usage);
      const int wrong = to == 768001 ? to : from;
      EXPECT_EQ(std::string(e.what()),
                "resample_sinc: rate: expected 1 to 768000 Hz, got " + std::to_string(wrong));
    }
  }
}

}  // namespace
}  // namespace braid::processors
