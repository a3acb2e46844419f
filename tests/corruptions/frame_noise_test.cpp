#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(frame_noise, has_the_levels_deviation) {
  data::Prepared video;
  video.length = 4;
  video.values.assign(4000, 1.0f);
  find("frame_noise").change_prepared(0.3, Rng(1), &video);
  const auto [mean, deviation] = own_moments(video.values);
  EXPECT_NEAR(mean, 1, 0.03);
  EXPECT_NEAR(deviation, 0.3, 0.02);
}

}  // namespace
}  // namespace braid::corruptions
