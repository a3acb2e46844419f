#include "report/svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "report/numbers.h"

namespace braid::report {
using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> labels(const Ticks& ticks) {
  std::vector<std::string> out;
  for (size_t i = 0; i < ticks.values.size(); ++i) out.push_back(ticks.label(i));
  return out;
}

TEST(svg, ticks_stand_at_round_numbers) {
  EXPECT_THAT(labels(nice_ticks(0, 1, 6)), ElementsAre("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"));
  EXPECT_THAT(labels(nice_ticks(0.51, 0.93, 6)), ElementsAre("0.6", "0.7", "0.8", "0.9"));
  EXPECT_THAT(labels(nice_ticks(-30, 120, 5)), ElementsAre("0", "50", "100"));
  EXPECT_THAT(labels(nice_ticks(-0.25, 0.25, 5)), ElementsAre("-0.2", "-0.1", "0.0", "0.1", "0.2"));
  EXPECT_THAT(labels(nice_ticks(12000, 31000, 5)), ElementsAre("15000", "20000", "25000", "30000"));
}

TEST(svg, ticks_are_never_more_than_asked_and_lie_inside) {
  for (double low : {-1e6, -3.7, 0.0, 0.001, 42.0}) {
    for (double span : {1e-7, 0.013, 0.99, 1.0, 7.3, 123456.0}) {
      for (int most : {2, 5, 9}) {
        const Ticks ticks = nice_ticks(low, low + span, most);
        EXPECT_LE(ticks.values.size(), static_cast<size_t>(most)) << low << " " << span;
        for (double tick : ticks.values) {
          EXPECT_GE(tick, low - span * 1e-6);
          EXPECT_LE(tick, low + span * (1 + 1e-6));
        }
      }
    }
  }
}

TEST(svg, a_range_without_extent_has_no_ticks) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THAT(nice_ticks(1, 1, 5).values, IsEmpty());
  EXPECT_THAT(nice_ticks(2, 1, 5).values, IsEmpty());
  EXPECT_THAT(nice_ticks(kAbsent, 1, 5).values, IsEmpty());
  EXPECT_THAT(nice_ticks(-infinity, 1, 5).values, IsEmpty());
  EXPECT_THAT(nice_ticks(-1.7e308, 1.7e308, 5).values, IsEmpty());  // the span overflows
  EXPECT_THAT(nice_ticks(0, 1, 0).values, IsEmpty());
}

TEST(svg, a_scale_maps_its_ends_and_makes_room_for_one_value) {
  Range range;
  range.add(2);
  range.add(kAbsent);
  range.add(4);
  const Scale scale = range.scale(0, 100, /*margin=*/0.25);  // [1.5, 4.5]
  EXPECT_THAT(scale(1.5), DoubleEq(0));
  EXPECT_THAT(scale(4.5), DoubleEq(100));
  EXPECT_THAT(scale(3), DoubleEq(50));
  Range one;
  one.add(5);
  EXPECT_THAT(one.scale(0, 100)(5), DoubleEq(50));
  Range zero;
  zero.add(0);
  EXPECT_THAT(zero.scale(0, 100)(0), DoubleEq(50));
}

TEST(svg, shapes_that_are_not_finite_are_left_out) {
  Svg svg(10, 10, "t");
  const std::string before = svg.str();
  svg.line(0, kAbsent, 1, 1, "axis");
  svg.circle(kAbsent, 1, 1, "dot");
  svg.rect(1, 1, std::numeric_limits<double>::infinity(), 1, "heat");
  svg.text(kAbsent, 1, "x");
  svg.whisker(0, kAbsent, 1, kAbsent, "s0", "");
  svg.path({{kAbsent, 1}}, "line");
  EXPECT_EQ(svg.str(), before);
  svg.path({{0, 1}, {1, kAbsent}, {2, 3}, {3, 4}}, "line");
  EXPECT_THAT(svg.str(), HasSubstr("d=\"M0 1M2 3L3 4\""));  // broken at the gap
}

TEST(svg, texts_are_escaped) {
  Svg svg(10, 10, "\"><script>");
  svg.text(1, 1, "<script>", Anchor::end, "soft", 0, "<tip>");
  svg.circle(1, 1, 1, "dot", "</title><script>");
  EXPECT_THAT(svg.str(), Not(HasSubstr("<script>")));
  EXPECT_THAT(svg.str(), HasSubstr("aria-label=\"&quot;&gt;&lt;script&gt;\""));
  EXPECT_THAT(svg.str(), HasSubstr("<title>&lt;tip&gt;</title>"));
}

TEST(svg, coordinates_are_short_and_bounded) {
  Svg svg(100, 50, "t");
  svg.line(1.23456, -0.01, 1e300, 2, "axis");
  EXPECT_THAT(svg.str(), HasSubstr("x1=\"1.2\" y1=\"0\" x2=\"1e+06\" y2=\"2\""));
}

}  // namespace braid::report
