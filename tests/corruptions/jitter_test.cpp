#include <set>

#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(jitter, each_sample_has_an_offset_of_its_own_within_the_level) {
  std::vector<float> ramp;
  for (int i = 0; i < 100; ++i) ramp.push_back(static_cast<float>(i + 1));
  std::set<int> offsets;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const auto moved =
        std::get<formats::Audio>(corrupted("jitter", formats::Audio{ramp, 1000}, 20, seed));
    ASSERT_EQ(moved.samples.size(), ramp.size());
    offsets.insert(51 - static_cast<int>(moved.samples[50]));  // how late, in samples
  }
  EXPECT_LE(-20, *offsets.begin());
  EXPECT_LE(*offsets.rbegin(), 20);
  EXPECT_LT(*offsets.begin(), -15);
  EXPECT_GT(*offsets.rbegin(), 15);
  EXPECT_GT(offsets.size(), 30u);
}

}  // namespace
}  // namespace braid::corruptions
