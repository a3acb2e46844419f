#include "report/align_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/align_sections.h"
#include "report/align_timeline.h"
#include "report/numbers.h"

namespace braid::report {
using testing::HasSubstr;
using testing::Not;

namespace {

Json counts(int64_t ticks, int64_t with_value) {
  return {{"ticks", ticks},
          {"with_value", with_value},
          {"coverage", static_cast<double>(with_value) / static_cast<double>(ticks)},
          {"origins", {{"missing", ticks - with_value}, {"measured", with_value}}},
          {"missing", {{"absent", 0}, {"before_start", ticks - with_value}}},
          {"partial", 0},
          {"staleness",
           {{"median_s", 0.25},
            {"p95_s", 0.5},
            {"max_s", 1.0},
            {"upto_s", {0, 1}},
            {"counts", {0, with_value, 0}}}}};
}

Json merged(Json a, const Json& b) {
  a.update(b);
  return a;
}

Json stream(const char* name, int64_t rows, int64_t with_value) {
  return merged({{"name", name},
                 {"channels", {"x"}},
                 {"file", "x.series.npy"},
                 {"method", "mean"},
                 {"method_why", "as given"},
                 {"covers_step_after", true},
                 {"tolerance_s", 0.625},
                 {"rows", rows},
                 {"recordings", rows > 0 ? 1 : 0},
                 {"unreadable", rows > 0 ? 0 : 1},
                 {"samples_without", rows > 0 ? 0 : 2}},
                counts(10, with_value));
}

// Two streams of one recording, of which one could not be read.
Json align_example() {
  Json good = {{"name", "e<d>a"},
               {"file", "eda.csv"},
               {"problem", nullptr},
               {"rows", 40},
               {"rows_in_file", 41},
               {"blank_values", 0},
               {"start", 100.0},
               {"end", 110.0},
               {"timing", "unit s"},
               {"clock_offset_s", 0.5},
               {"nominal_hz", 4.0},
               {"measured_hz", 4.0004},
               {"rate_ppm", 100.0},
               {"end_error_s", 0.0},
               {"repairs", {{"dropped, duplicated", 1}}},
               {"findings", Json::array()}};
  good.update(counts(10, 8));
  const Json gap = {{"start", 100.0}, {"length_s", 2.0}, {"ticks", 2}, {"reason", "before_start"}};
  good["gaps"] = {{"count", 3}, {"longest", Json::array({gap})}, {"ticks_in_rest", 2}};
  good["lane"] = {0, 50, 100, 100};
  Json bad = merged({{"name", "ibi"}, {"file", "ibi.csv"}, {"problem", "ibi.csv: got none"}},
                    counts(10, 0));
  bad["gaps"] = {{"count", 0}, {"longest", Json::array()}, {"ticks_in_rest", 0}};
  bad["lane"] = Json::array();
  Json align = {{"braid", "0.1.0"},     {"command", "braid align s.csv --rate 1"},
                {"table", "s & t.csv"}, {"ignored_columns", {"split"}},
                {"rate_hz", 1.0},       {"step_s", 1.0}};
  align["samples"] = {{"count", 2},
                      {"ticks", 5},
                      {"padded_ticks", 0},
                      {"kind", "windows"},
                      {"span", "common"},
                      {"window_s", 5.0},
                      {"hop_s", 5.0},
                      {"dropped", Json::array()},
                      {"without_any_value", 0}};
  align["streams"] = {stream("e<d>a", 40, 8), stream("ibi", 0, 0)};
  align["recordings"] = Json::array({{{"key", "S02"},
                                      {"samples", 2},
                                      {"why_none", nullptr},
                                      {"start", 100.0},
                                      {"start_text", "100 s"},
                                      {"end", 110.0},
                                      {"unused_end_s", 0.0},
                                      {"ends_apart_s", 0.0},
                                      {"windows", {{100.0, 105.0}, {105.0, 110.0}}},
                                      {"streams", {good, bad}}}});
  return align;
}

}  // namespace

TEST(align_report, table) {
  const std::string table = align_table(align_example(), /*width_columns=*/100);
  EXPECT_THAT(table, HasSubstr("2 samples of 5 ticks at 1 Hz, windows of 5 s every 5 s over the "
                               "common span of the streams\n\nstream"));
  EXPECT_THAT(table, HasSubstr("e<d>a     40  mean       80.0%     250 ms      1 s     3 "));
  EXPECT_THAT(table, HasSubstr("S02 e<d>a: 1 of 41 measurements dropped, duplicated\n"));
  EXPECT_THAT(table, HasSubstr("S02 ibi: left out: ibi.csv: got none\n"));
}

TEST(align_report, page_is_whole_and_loads_nothing) {
  const std::string page = align_page(align_example());
  EXPECT_THAT(page, HasSubstr("Alignment of s &amp; t.csv"));
  EXPECT_THAT(page, HasSubstr("e&lt;d&gt;a"));
  EXPECT_THAT(page, Not(HasSubstr("<d>")));
  EXPECT_THAT(page, HasSubstr("4.0004 Hz (+100 ppm of 4)"));
  EXPECT_THAT(page, HasSubstr("2 shorter gaps more, 2 ticks together"));
  EXPECT_THAT(page, HasSubstr("Columns of the table that are not read: split"));
  EXPECT_THAT(page, Not(HasSubstr("src=\"http")));
}

TEST(align_report, timeline) {
  Json recording = align_example().at("recordings").at(0);
  const std::string drawing = align_timeline(recording);
  EXPECT_THAT(drawing, HasSubstr("seconds after 100 s"));
  EXPECT_THAT(drawing, HasSubstr("measured in about 50 % of this part"));
  EXPECT_THAT(drawing, HasSubstr("no value for 2 s (before_start)"));
  EXPECT_THAT(drawing, HasSubstr("window from 5 s on, 5 s long"));
  recording["end"] = recording["start"];
  EXPECT_EQ(align_timeline(recording), "");
}

TEST(align_report, times) {
  EXPECT_EQ(time_text(0), "0 s");
  EXPECT_EQ(time_text(0.999999999), "1 s");
  EXPECT_EQ(time_text(-0.04), "-40 ms");
  EXPECT_EQ(time_text(240), "4.0 min");
  EXPECT_EQ(time_text(kAbsent), "n/a");
}

}  // namespace braid::report
