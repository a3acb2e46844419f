#include "encoders/time.h"

#include "support/module_checks.h"

namespace braid::encoders {
namespace {

using checks::close;

Tensor mask_of(std::vector<int64_t> real) {
  const auto length = static_cast<int64_t>(real.size());
  return at::tensor(real, at::kLong).to(at::kBool).view({1, length});
}

TEST(time, pads_to_a_multiple_with_zeros) {
  EXPECT_TRUE(checks::same_bits(pad_time(at::ones({1, 3, 2}), 2)[0].sum(/*dim=*/1),
                                at::tensor({2.0, 2.0, 2.0, 0.0})));
  EXPECT_TRUE(checks::same_bits(pad_time(mask_of({1, 1, 1}), 4), mask_of({1, 1, 1, 0})));
  EXPECT_EQ(pad_time(at::ones({1, 4, 2}), 4).size(1), 4);
}

TEST(time, a_group_is_real_when_one_of_its_frames_is) {
  EXPECT_TRUE(checks::same_bits(pool_mask(mask_of({1, 1, 1, 0, 0, 0}), 2), mask_of({1, 1, 0})));
}

TEST(time, parts_cover_the_real_frames_alone) {
  const Tensor x = at::tensor({2.0, 4.0, 6.0, 8.0, 100.0}).view({1, 5, 1});
  // Four frames in two parts: (2 + 4) / 2, (6 + 8) / 2.
  EXPECT_TRUE(close(pool_time(x, mask_of({1, 1, 1, 1, 0}), 2).flatten(), at::tensor({3.0, 7.0})));
  // Three frames in two parts overlap in the middle one: (2 + 4) / 2, (4 + 6) / 2.
  EXPECT_TRUE(close(pool_time(x, mask_of({1, 1, 1, 0, 0}), 2).flatten(), at::tensor({3.0, 5.0})));
  // A gap is skipped: frames 2 and 6.
  EXPECT_TRUE(close(pool_time(x, mask_of({1, 0, 1, 0, 0}), 2).flatten(), at::tensor({2.0, 6.0})));
  EXPECT_TRUE(close(pool_time(x, mask_of({0, 0, 0, 0, 0}), 2).flatten(), at::tensor({0.0, 0.0})));
}

}  // namespace
}  // namespace braid::encoders
