#include "corrupted.h"

namespace braid::corruptions {
namespace {

// Mean squared error against the picture itself.
double error(const formats::Image& image, double quality) {
  const formats::Image made = corrupted_image("jpeg", image, quality);
  double sum = 0;
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    const double d = static_cast<double>(made.pixels[i]) - image.pixels[i];
    sum += d * d;
  }
  return sum / static_cast<double>(image.pixels.size());
}

formats::Image textured(int channels) {
  formats::Image image = plain_image(21, 13, channels, 0);  // no multiple of a block
  Rng random(2);
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(random.below(256));
  return image;
}

TEST(jpeg, lower_quality_loses_more) {
  for (int channels : {1, 3}) {
    const formats::Image image = textured(channels);
    EXPECT_LT(error(image, 100), channels == 1 ? 1 : 3);
    EXPECT_LT(error(image, 90), error(image, 50));
    EXPECT_LT(error(image, 50), error(image, 10));
    EXPECT_LT(error(image, 10), error(image, 2));
  }
}

TEST(jpeg, an_even_block_keeps_its_mean_to_half_a_step) {
  // The first coefficient is 8 times the mean less 128; its step at quality 50 is 16: multiples
  // of 2.
  EXPECT_EQ(corrupted_image("jpeg", plain_image(8, 8, 1, 131), 50).pixels[0], 132);
  EXPECT_EQ(corrupted_image("jpeg", plain_image(8, 8, 1, 130), 50).pixels[63], 130);
}

}  // namespace
}  // namespace braid::corruptions
