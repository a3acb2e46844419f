#include "processors/unit_variance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace braid::processors {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;

// 1 2 3 6: mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5, deviation 1.870829.
TEST(unit_variance, by_hand) {
  const std::vector<float> samples{1, 2, 3, 6};
  EXPECT_THAT(unit_variance(samples.data(), 4),
              ElementsAre(FloatNear(-2 / 1.870829f, 1e-5f), FloatNear(-1 / 1.870829f, 1e-5f),
                          FloatNear(0, 1e-6f), FloatNear(3 / 1.870829f, 1e-5f)));
}

// The 1e-7 beside the variance: 0.001 and -0.001 have 1e-6, and 0.001 / sqrt(1.1e-6) = 0.953463.
TEST(unit_variance, of_quiet_sound_stays_below) {
  const std::vector<float> samples{0.001f, -0.001f};
  EXPECT_THAT(unit_variance(samples.data(), 2),
              ElementsAre(FloatNear(0.953463f, 1e-5f), FloatNear(-0.953463f, 1e-5f)));
}

TEST(unit_variance, of_what_never_changes_is_silence) {
  for (const int64_t size : {1, 7, 8, 9, 1000}) {
    EXPECT_THAT(unit_variance(std::vector<float>(size, 0.5f).data(), size), Each(0.0f));
    EXPECT_THAT(unit_variance(std::vector<float>(size).data(), size), Each(0.0f));
  }
}

// Sums run over eight lanes and a rest.
TEST(unit_variance, of_any_size) {
  for (int64_t size = 2; size < 40; ++size) {
    std::vector<float> samples(size);
    for (int64_t i = 0; i < size; ++i) samples[i] = static_cast<float>(i * i % 13);
    double sum = 0, squares = 0;
    for (const float value : unit_variance(samples.data(), size)) {
      sum += value;
      squares += value * value;
    }
    EXPECT_NEAR(sum, 0, 1e-5) << size;
    EXPECT_NEAR(squares / static_cast<double>(size), 1, 1e-5) << size;
  }
}

}  // namespace
}  // namespace braid::processors
