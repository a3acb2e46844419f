#include <cmath>

#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(pixel_noise, deviation_is_the_level) {
  const formats::Image grey = plain_image(100, 100, 1, 128);
  double sum = 0, squares = 0;
  for (uint8_t value : corrupted_image("pixel_noise", grey, 0.1).pixels) {
    sum += value - 128.0;
    squares += (value - 128.0) * (value - 128.0);
  }
  EXPECT_NEAR(sum / 1e4, 0, 1.5);
  EXPECT_NEAR(std::sqrt(squares / 1e4), 25.5, 1);
}

TEST(pixel_noise, follows_the_seed_and_stays_in_range) {
  const formats::Image white = plain_image(8, 8, 3, 250);
  EXPECT_EQ(corrupted_image("pixel_noise", white, 0.4, 1).pixels,
            corrupted_image("pixel_noise", white, 0.4, 1).pixels);
  EXPECT_NE(corrupted_image("pixel_noise", white, 0.4, 1).pixels,
            corrupted_image("pixel_noise", white, 0.4, 2).pixels);
}

}  // namespace
}  // namespace braid::corruptions
