#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(missing_slices, whole_slices_become_the_mean) {
  int num_lost = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    data::Prepared volume;
    volume.length = 1;
    volume.values.assign(64, 2.0f);  // 4 x 4 x 4
    find("missing_slices").change_prepared(0.25, Rng(seed), &volume);
    for (size_t d = 0; d < 4; ++d) {
      for (size_t i = 0; i < 16; ++i) EXPECT_EQ(volume.values[16 * d + i], volume.values[16 * d]);
      num_lost += volume.values[16 * d] == 0.0f ? 1 : 0;
    }
  }
  EXPECT_NEAR(num_lost, 100, 35);
}

}  // namespace
}  // namespace braid::corruptions
