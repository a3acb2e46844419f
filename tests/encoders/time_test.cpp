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
  EXPECT_TRUE(checks::same_bits(pad_time_to(mask_of({1, 1}), 3), mask_of({1, 1, 0})));
  EXPECT_EQ(pad_time_to(at::ones({1, 4, 2}), 3).size(1), 4);
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

TEST(time, counts_the_windows_of_a_convolution) {
  // Windows of 3, 2 apart: 5 places have those at 0 and 2; 6 the same; 7 one more at 4.
  const Tensor lengths = at::tensor({0, 1, 3, 4, 5, 6, 7}, at::kLong);
  const Tensor expected = at::tensor({0, 1, 1, 1, 2, 2, 3}, at::kLong);
  EXPECT_TRUE(checks::same_bits(num_windows(lengths, 3, 2), expected));
  for (int64_t i = 0; i < lengths.size(0); ++i)
    EXPECT_EQ(num_windows(lengths[i].item<int64_t>(), 3, 2), expected[i].item<int64_t>());
}

TEST(time, a_row_is_as_long_as_its_last_real_place) {
  const Tensor mask = at::cat({mask_of({1, 1, 0}), mask_of({1, 0, 1}), mask_of({0, 0, 0})});
  const Tensor lengths = real_lengths(mask);
  EXPECT_TRUE(checks::same_bits(lengths, at::tensor({2, 3, 0}, at::kLong)));
  EXPECT_TRUE(
      checks::same_bits(first_places(lengths, 3),
                        at::cat({mask_of({1, 1, 0}), mask_of({1, 1, 1}), mask_of({0, 0, 0})})));
}

}  // namespace
}  // namespace braid::encoders
