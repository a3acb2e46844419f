#include <cmath>

#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(white_noise, has_the_power_that_the_level_says) {
  std::vector<float> wave;
  for (int i = 0; i < 20000; ++i) wave.push_back(static_cast<float>(0.5 * std::sin(0.1 * i)));
  for (double level : {20.0, 0.0, -10.0}) {
    const std::vector<float> noisy = corrupted_sound("white_noise", wave, level);
    double signal = 0, noise = 0;
    for (size_t i = 0; i < wave.size(); ++i) {
      signal += wave[i] * wave[i];
      noise += (noisy[i] - wave[i]) * (noisy[i] - wave[i]);
    }
    EXPECT_NEAR(10 * std::log10(signal / noise), level, 0.2);
  }
}

TEST(white_noise, silence_stays_silent) {
  EXPECT_EQ(corrupted_sound("white_noise", {0, 0, 0}, -10), (std::vector<float>{0, 0, 0}));
}

}  // namespace
}  // namespace braid::corruptions
