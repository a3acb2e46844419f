#include "processors/pass_across.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/rng.h"

namespace braid::processors {
namespace {

template <class Row>
void compare(Kernel kernel, Arithmetic arithmetic) {
  Rng random(5);
  for (int planes : {1, 3}) {
    for (int size_out : {1, 7, 40, 90}) {
      const PixelTaps taps = make_pixel_taps(kernel, arithmetic, {57, size_out, 0, size_out});
      std::vector<uint8_t> columns(57 * planes * kRowsAtOnce);
      for (uint8_t& level : columns) level = static_cast<uint8_t>(255 * random.below(2));
      std::vector<Row> got(static_cast<size_t>(size_out) * planes * kRowsAtOnce), plain(got.size());
      pass_across(columns.data(), planes, taps, got.data());
      plain_pass_across(columns.data(), planes, taps, plain.data());
      EXPECT_EQ(got, plain) << planes << " planes, " << size_out;
    }
  }
}

// Black and white alone, so that sharp kernels leave 0 to 255 on both sides.
TEST(pass_across, vectors_give_the_plain_sums) {
  for (const Kernel kernel : {Kernel::nearest, Kernel::lanczos, Kernel::bilinear, Kernel::bicubic})
    compare<uint8_t>(kernel, Arithmetic::pillow);
  compare<uint8_t>(Kernel::bicubic, Arithmetic::torchvision);
  compare<float>(Kernel::bilinear, Arithmetic::torchvision);
}

TEST(pass_across, sums_are_rounded_and_clamped) {
  // Two samples to four by bicubic: output 0 lies at 0.25, beyond the first sample.
  const PixelTaps taps = make_pixel_taps(Kernel::bicubic, Arithmetic::pillow, {2, 4, 0, 4});
  std::vector<uint8_t> columns(2 * kRowsAtOnce, 0), out(4 * kRowsAtOnce);
  columns[0] = 255;                // row 0: white, black
  columns[kRowsAtOnce + 1] = 255;  // row 1: black, white
  pass_across(columns.data(), 1, taps, out.data());
  EXPECT_EQ(out[0], 255);  // a weight above 1
  EXPECT_EQ(out[1], 0);    // a weight below 0
  EXPECT_EQ(out[2], 0);
}

}  // namespace
}  // namespace braid::processors
