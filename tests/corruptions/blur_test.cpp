#include <cmath>

#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(blur, a_point_becomes_a_bell_of_the_levels_width) {
  formats::Image point = plain_image(41, 41, 1, 0);
  point.pixels[20 * 41 + 20] = 255;
  // 0.05 of 41 pixels.
  const double deviation = 0.05 * 41;
  const formats::Image blurred = corrupted_image("blur", point, 0.05);
  const double peak = 255 / (2 * 3.14159265 * deviation * deviation);
  EXPECT_NEAR(blurred.pixels[20 * 41 + 20], peak, 1);
  EXPECT_NEAR(blurred.pixels[20 * 41 + 22], peak * std::exp(-0.5 * 4 / (deviation * deviation)), 1);
  EXPECT_EQ(blurred.pixels[20 * 41 + 23], blurred.pixels[23 * 41 + 20]);
}

TEST(blur, what_is_even_stays_and_channels_do_not_mix) {
  formats::Image image = plain_image(9, 5, 3, 0);
  for (size_t i = 0; i < image.pixels.size(); i += 3) image.pixels[i] = 200;
  EXPECT_EQ(corrupted_image("blur", image, 0.08).pixels, image.pixels);
}

}  // namespace
}  // namespace braid::corruptions
