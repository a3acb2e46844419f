#include "report/line_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/numbers.h"

namespace braid::report {
using testing::HasSubstr;
using testing::Not;

TEST(line_chart, one_epoch_is_a_dot_and_more_are_a_line) {
  LineChart chart;
  chart.series = {{"s0", false, {{1, 0.5}}}};
  EXPECT_THAT(line_chart(chart), HasSubstr("class=\"dot s0\""));
  chart.series = {{"s0", true, {{1, 0.5}, {2, 0.4}}}};
  EXPECT_THAT(line_chart(chart), HasSubstr("class=\"line thin s0\""));
}

TEST(line_chart, epochs_are_whole_numbers) {
  LineChart chart;
  chart.series = {{"s0", false, {{1, 10}, {2, 30}}}};
  EXPECT_THAT(line_chart(chart), Not(HasSubstr(">1.2</text>")));
  EXPECT_THAT(line_chart(chart), HasSubstr(">1</text>"));
  EXPECT_THAT(line_chart(chart), HasSubstr(">2</text>"));
}

TEST(line_chart, gaps_stay_gaps_and_nothing_is_nothing) {
  LineChart chart;
  chart.series = {{"s0", false, {{1, 0.5}, {2, kAbsent}, {3, 0.3}, {4, 0.2}}}};
  EXPECT_THAT(line_chart(chart), Not(HasSubstr("nan")));
  chart.series = {{"s0", false, {{1, kAbsent}}}};
  EXPECT_EQ(line_chart(chart), "");
}

TEST(line_chart, the_legend_names_every_entry) {
  const std::string html = legend({{"training", "s5"}, {"a < b", "s1", true}});
  EXPECT_THAT(html, HasSubstr("training"));
  EXPECT_THAT(html, HasSubstr("a &lt; b"));
  EXPECT_THAT(html, HasSubstr("class=\"dot s1\""));
}

}  // namespace braid::report
