#include "processors/pixel_taps.h"

#include <gmock/gmock.h>

#include <numeric>

namespace braid::processors {
namespace {

using ::testing::ElementsAre;

constexpr int32_t kOne = 1 << 22;

std::vector<int32_t> weights_of(const PixelTaps& taps, size_t i) {
  const auto from = taps.fixed.begin() + static_cast<ptrdiff_t>(i) * taps.stride;
  return {from, from + taps.count[i]};
}

TEST(pixel_taps, halving_by_a_triangle_weighs_as_worked_out) {
  // Four samples to two: the triangle is 4 wide, its centre at 1. Sample centres 0.5, 1.5 and 2.5
  // are 0.5, 0.5 and 1.5 away: weights 0.75, 0.75 and 0.25 of 1.75, and 2^22 / 7 = 599186.3.
  const PixelTaps taps = make_pixel_taps(Kernel::bilinear, Arithmetic::pillow, {4, 2, 0, 2});
  EXPECT_THAT(taps.first, ElementsAre(0, 1));
  EXPECT_THAT(weights_of(taps, 0), ElementsAre(1797559, 1797559, 599186));
  EXPECT_EQ(taps.low, 0);
  EXPECT_EQ(taps.high, 4);
}

TEST(pixel_taps, cubic_weights_at_a_quarter) {
  // Two to four, a = -0.5: output 1 lies at 0.75, 0.25 from sample 0 and 0.75 from sample 1:
  // 1 - 2.5 / 16 + 1.5 / 64 = 0.8671875 and 1 - 2.5 * 9 / 16 + 1.5 * 27 / 64 = 0.2265625; the sum
  // is 1.09375.
  const PixelTaps taps = make_pixel_taps(Kernel::bicubic, Arithmetic::pillow, {2, 4, 1, 1});
  EXPECT_THAT(weights_of(taps, 0),
              ElementsAre(static_cast<int32_t>(0.8671875 / 1.09375 * kOne + 0.5),
                          static_cast<int32_t>(0.2265625 / 1.09375 * kOne + 0.5)));
}

TEST(pixel_taps, torchvision_s_bits_leave_room_for_the_largest_weight) {
  // Two to four again: output 0 lies 0.25 beyond sample 0 and 1.25 from sample 1, which weigh
  // 0.8671875 and -0.0703125: the largest is 1.088, and 1.088 * 2^15 does not fit.
  const PixelTaps taps = make_pixel_taps(Kernel::bicubic, Arithmetic::torchvision, {2, 4, 0, 4});
  EXPECT_EQ(taps.shift, 14);
  for (int32_t weight : taps.fixed) EXPECT_LT(weight, 1 << 15);
}

TEST(pixel_taps, any_kernel_s_weights_sum_to_one) {
  for (int kernel = 1; kernel <= 5; ++kernel) {
    for (const Axis& axis : {Axis{97, 31, 0, 31}, Axis{31, 97, 0, 97}, Axis{1, 50, 0, 50}}) {
      const PixelTaps taps = make_pixel_taps(static_cast<Kernel>(kernel), Arithmetic::pillow, axis);
      for (size_t i = 0; i < taps.first.size(); ++i) {
        const std::vector<int32_t> weights = weights_of(taps, i);
        EXPECT_NEAR(std::accumulate(weights.begin(), weights.end(), 0), kOne, taps.stride);
        EXPECT_GE(taps.first[i], 0);
        EXPECT_LE(taps.first[i] + taps.count[i], axis.size_in);
      }
    }
  }
}

TEST(pixel_taps, a_part_is_the_whole_s_part) {
  for (const Arithmetic arithmetic : {Arithmetic::pillow, Arithmetic::torchvision}) {
    for (int kernel : {0, 2, 3}) {
      const auto k = static_cast<Kernel>(kernel);
      const PixelTaps whole = make_pixel_taps(k, arithmetic, {100, 37, 0, 37});
      const PixelTaps part = make_pixel_taps(k, arithmetic, {100, 37, 10, 5});
      EXPECT_EQ(part.shift, whole.shift);
      EXPECT_EQ(part.low, whole.first[10]);
      for (size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(part.first[i], whole.first[i + 10]);
        for (int w = 0; w < part.stride; ++w) {
          if (is_real(k, arithmetic))
            EXPECT_EQ(part.real[i * part.stride + w], whole.real[(i + 10) * part.stride + w]);
          else
            EXPECT_EQ(part.fixed[i * part.stride + w], whole.fixed[(i + 10) * part.stride + w]);
        }
      }
    }
  }
}

TEST(pixel_taps, an_axis_that_stays_is_copied) {
  const PixelTaps taps = make_pixel_taps(Kernel::lanczos, Arithmetic::pillow, {9, 9, 2, 3});
  EXPECT_THAT(taps.first, ElementsAre(2, 3, 4));
  EXPECT_THAT(taps.count, ElementsAre(1, 1, 1));
  EXPECT_EQ(taps.shift, 0);
}

}  // namespace
}  // namespace braid::processors
