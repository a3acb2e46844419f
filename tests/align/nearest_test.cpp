#include "align/signals.h"

namespace braid::align {
namespace {

using namespace signals;

TEST(nearest, takes_the_nearer_and_of_two_as_near_the_earlier) {
  const Series x = series({10, 20, 40}, {1, 2, 4});
  Options options;
  options.tolerance_ns = 9;
  expect_values(values_at("nearest", x, {0, 1, 14, 15, 16, 29, 30, 31, 49, 50}, options),
                {NAN, 1, 1, 1, 2, 2, NAN, 4, 4, NAN});
}

TEST(nearest, times_at_both_ends_of_the_timeline) {
  const Series x = series({-4000000000000000000, 4000000000000000000}, {1, 2});
  expect_values(values_at("nearest", x, {-4000000000000000000, -1, 1}), {1, 1, 2});
}

}  // namespace
}  // namespace braid::align
