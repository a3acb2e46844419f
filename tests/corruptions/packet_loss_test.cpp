#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(packet_loss, whole_packets_of_20_ms_are_silent) {
  const std::vector<float> made = corrupted_sound("packet_loss", std::vector<float>(20000, 1), 0.3);
  int64_t lost = 0;
  for (size_t begin = 0; begin < made.size(); begin += 20) {  // 20 samples at 1000 Hz
    for (size_t i = begin; i < begin + 20; ++i) EXPECT_EQ(made[i], made[begin]);
    lost += made[begin] == 0;
  }
  EXPECT_NEAR(static_cast<double>(lost), 300, 60);  // four standard deviations
}

}  // namespace
}  // namespace braid::corruptions
