#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(clipping, beyond_the_share_of_the_peak_is_cut_off) {
  EXPECT_EQ(corrupted_sound("clipping", {0.1f, -0.8f, 0.5f, 0.3f}, 0.5),
            (std::vector<float>{0.1f, -0.4f, 0.4f, 0.3f}));
}

}  // namespace
}  // namespace braid::corruptions
