#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(frozen_frames, a_lost_frame_shows_the_one_before) {
  int num_lost = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    data::Prepared video;
    video.length = 6;
    for (int i = 0; i < 12; ++i) video.values.push_back(static_cast<float>(i / 2));
    find("frozen_frames").change_prepared(0.3, Rng(seed), &video);
    EXPECT_EQ(video.values[0], 0.0f);
    for (size_t t = 1; t < 6; ++t) {
      const float shown = video.values[2 * t];
      EXPECT_EQ(shown, video.values[2 * t + 1]);
      EXPECT_TRUE(shown == static_cast<float>(t) || shown == video.values[2 * t - 1]);
      num_lost += shown == static_cast<float>(t) ? 0 : 1;
    }
  }
  EXPECT_NEAR(num_lost, 300, 50);
}

}  // namespace
}  // namespace braid::corruptions
