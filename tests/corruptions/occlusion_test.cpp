#include <algorithm>

#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(occlusion, a_rectangle_of_the_levels_area_is_grey) {
  const formats::Image white = plain_image(40, 20, 3, 255);
  for (double level : {0.25, 1.0}) {
    const formats::Image hidden = corrupted_image("occlusion", white, level);
    const auto grey = std::count(hidden.pixels.begin(), hidden.pixels.end(), 128);
    EXPECT_EQ(grey, static_cast<int64_t>(level * 40 * 20 * 3));
    EXPECT_EQ(grey + std::count(hidden.pixels.begin(), hidden.pixels.end(), 255), 40 * 20 * 3);
  }
}

TEST(occlusion, the_place_follows_the_seed) {
  const formats::Image white = plain_image(40, 20, 1, 255);
  EXPECT_NE(corrupted_image("occlusion", white, 0.1, 1).pixels,
            corrupted_image("occlusion", white, 0.1, 2).pixels);
}

}  // namespace
}  // namespace braid::corruptions
