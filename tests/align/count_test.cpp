#include "align/signals.h"

namespace braid::align {
namespace {

using namespace signals;

TEST(count, of_the_window_where_none_is_0) {
  const Aligned aligned =
      align(series({1, 2, 3, 12}, {3, NAN, 2, 5}), find("count"), {0, 10, 20, 30});
  expect_values(aligned.values, {0, 2, 1, 0});  // NaN is no measurement
  EXPECT_EQ(aligned.origins[3], Origin::aggregated);
  expect_values(values_at("count", series({}, {}), {0, 10}), {0, 0});
}

}  // namespace
}  // namespace braid::align
