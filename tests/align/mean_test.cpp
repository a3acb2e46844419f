#include "align/signals.h"

namespace braid::align {
namespace {

using namespace signals;

TEST(mean, of_the_window_that_ends_at_the_tick) {
  const Series x = series({0, 5, 10, 15, 30}, {1, 2, 4, 8, 16});
  // (tick - 10, tick]: 0 is not in the window of 10.
  const Aligned aligned = align(x, find("mean"), {0, 10, 20, 30, 40, 50});
  expect_values(aligned.values, {1, 3, 8, 16, NAN, NAN});
  EXPECT_EQ(aligned.origins[1], Origin::aggregated);
  EXPECT_EQ(aligned.used_ns[1], 10);
}

TEST(mean, a_longer_window_overlaps) {
  Options options;
  options.window_ns = 20;
  const Series x = series({0, 5, 10, 15, 30}, {1, 2, 4, 8, 16});
  expect_values(values_at("mean", x, {10, 20, 30}, options), {7.0 / 3, 14.0 / 3, 12});
}

}  // namespace
}  // namespace braid::align
