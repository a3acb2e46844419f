#include "align/align.h"

#include "align/signals.h"
#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using namespace signals;

TEST(align, gaps_are_masked_held_up_to_an_age_or_an_error) {
  const Series x = series({0, 10, 100}, {1, 2, 3});
  const std::vector<int64_t> ticks = {-10, 0, 5, 10, 20, 60, 100};
  Options options;
  options.tolerance_ns = 10;
  expect_values(values_at("linear", x, ticks, options), {NAN, 1, 1.5, 2, NAN, NAN, 3});
  options.gap = Gap::hold;
  options.hold_ns = 20;
  const Aligned held = align(x, find("linear"), ticks, options);
  expect_values(held.values, {NAN, 1, 1.5, 2, 2, NAN, 3});
  EXPECT_EQ(held.origins[4], Origin::held);
  EXPECT_EQ(held.used_ns[4], 10);
  options.gap = Gap::fail;
  expect_error(ErrorKind::data,
               "signal: channel 1: no value by \"linear\" at tick 3, 30 ns after the first", [&] {
                 align(x, find("linear"), {0, 5, 30}, options);
               });
}

TEST(align, channels_have_gaps_of_their_own) {
  Series x = {"signal", {0, 10, 20}, 2, {1, 10, NAN, 20, 3, 30}};
  const Aligned aligned = align(x, find("linear"), {10, 15});
  EXPECT_EQ(aligned.channels, 2);
  expect_values(aligned.values, {2, 20, 2.5, 25});
  EXPECT_EQ(aligned.origins[0], Origin::interpolated);
  EXPECT_EQ(aligned.origins[1], Origin::measured);
}

TEST(align, bad_options_are_one_line) {
  const Series x = series({0, 10}, {1, 2});
  Options options;
  options.tolerance_ns = -1;
  expect_error(ErrorKind::usage, "signal: tolerance: expected 0 or more, got -1 ns",
               [&] { align(x, find("linear"), {0}, options); });
  expect_error(ErrorKind::usage, "expected ascending times, got tick 2 5 ns before", [&] {
    align(x, find("linear"), {5, 0});
  });
  expect_error(ErrorKind::config, "unknown alignment method 'liner'; did you mean 'linear'?",
               [] { find("liner"); });
  expect_error(ErrorKind::usage, "unknown gap policy 'masks'; did you mean 'mask'?",
               [] { parse_gap("masks"); });
}

}  // namespace
}  // namespace braid::align
