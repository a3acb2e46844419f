#include "report/dot_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace braid::report {
using testing::HasSubstr;
using testing::Not;

DotRow row(const char* group, const char* label, Value value) {
  DotRow row;
  row.group = group;
  row.label = label;
  row.value = value;
  row.text = with_interval(value, 3);
  return row;
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(dot_chart, draws_each_row_with_its_whisker_and_each_group_once) {
  DotChart chart;
  chart.rows = {row("ONE", "a", {0.5, 0.4, 0.6}), row("ONE", "b", {0.7, 0.6, 0.8}),
                row("TWO", "c", {0.9, kAbsent, kAbsent})};
  const std::string svg = dot_chart(chart);
  EXPECT_EQ(count_of(svg, "class=\"dot s0\""), 3u);
  EXPECT_EQ(count_of(svg, "class=\"whisker s0\""),
            6u);  // a bar and two ends for a and b, none for c
  EXPECT_EQ(count_of(svg, ">ONE</text>"), 1u);
  EXPECT_EQ(count_of(svg, ">TWO</text>"), 1u);
}

TEST(dot_chart, a_row_without_a_value_shows_its_text_alone) {
  DotChart chart;
  chart.rows = {row("", "a", {0.5, 0.4, 0.6}), row("", "b", {})};
  const std::string svg = dot_chart(chart);
  EXPECT_EQ(count_of(svg, "class=\"dot s0\""), 1u);
  EXPECT_THAT(svg, HasSubstr(">n/a</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(dot_chart, the_reference_is_drawn_where_there_is_one) {
  DotChart chart;
  chart.rows = {row("", "a", {0.5, 0.4, 0.6})};
  EXPECT_THAT(dot_chart(chart), Not(HasSubstr("class=\"reference\"")));
  chart.reference = 0.45;
  chart.reference_name = "best single: audio";
  EXPECT_THAT(dot_chart(chart), HasSubstr("class=\"reference\""));
  EXPECT_THAT(dot_chart(chart), HasSubstr("best single: audio"));
}

TEST(dot_chart, nothing_to_draw_is_nothing) { EXPECT_EQ(dot_chart({}), ""); }

}  // namespace braid::report
