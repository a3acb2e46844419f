#include "align/signals.h"

namespace braid::align {
namespace {

using namespace signals;

TEST(next, takes_the_oldest_that_is_not_before) {
  const Series x = series({10, 20, 40}, {1, 2, 4});
  Options options;
  options.tolerance_ns = 9;
  const Aligned aligned = align(x, find("next"), {0, 1, 10, 11, 20, 30, 31, 40, 41}, options);
  expect_values(aligned.values, {NAN, 1, 1, 2, 2, NAN, 4, 4, NAN});
  EXPECT_EQ(aligned.used_ns[1], 10);
  EXPECT_EQ(aligned.origins[4], Origin::measured);
}

}  // namespace
}  // namespace braid::align
