#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/align_report.h"
#include "report/align_sections.h"

namespace braid::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Json offset(double offset_s, bool is_reliable) {
  return {{"offset_s", offset_s},
          {"uncertainty_s", 0.004},
          {"correlation", 0.31},
          {"second", 0.1},
          {"z", is_reliable ? 9.5 : 0.5},
          {"is_reliable", is_reliable},
          {"reason", is_reliable ? Json() : Json("the correlation <is> flat")}};
}

Json recording(const char* key, const Json& own) {
  Json json = {{"key", key}, {"problem", nullptr}};
  json.update(own);
  return json;
}

Json sync(const char* across) {
  return {{"stream", "a<udio"},
          {"reference", "mouth"},
          {"asked", "auto"},
          {"across", across},
          {"across_why", "0 of 2 recordings are reliable by themselves"},
          {"max_offset_s", 1.0},
          {"compared", 2},
          {"reliable", 0},
          {"moved", 3},
          {"reason", nullptr},
          {"together", nullptr},
          {"recordings",
           {recording("p", offset(0.1, false)),
            recording("q", offset(0.14, false)),
            {{"key", "r"}, {"problem", "mouth is absent"}}}}};
}

Json sync_together() {
  Json json = sync("together");
  json["together"] = {
      {"near", 2}, {"near_s", 0.25}, {"common_stream", 0.4}, {"common_reference", 0.3}};
  json["together"].update(offset(0.12, true));
  return json;
}

// A video that is cut, and nothing on ticks.
Json align_example() {
  return Json::parse(R"({
    "braid": "0.1.0", "command": "braid align s.csv", "table": "s.csv", "ignored_columns": [],
    "rate_hz": null, "step_s": null, "syncs": [],
    "samples": {"count": 10, "ticks": 0, "padded_ticks": 0, "kind": "events", "events": "e.csv",
                "dropped": [], "without_any_value": 2},
    "streams": [{
      "name": "c<am", "channels": ["frames"], "file": null, "method": "cut", "method_why": "why",
      "covers_step_after": false, "tolerance_s": null, "rows": 75, "recordings": 1,
      "unreadable": 0, "samples_without": 2, "coverage": 0.725,
      "cut": {"windows": 10, "whole": 7, "partly": 1, "without": 2, "least": 0.25}}],
    "recordings": [{
      "key": "", "samples": 10, "why_none": null, "start": 0.0, "start_text": "0 s", "end": 3.0,
      "unused_end_s": 0.0, "ends_apart_s": 0.0, "windows": [[0.0, 1.0]],
      "streams": [{
        "name": "c<am", "file": "c.mkv", "problem": null, "rows": 75, "rows_in_file": 75,
        "start": 0.0, "end": 3.0, "clock_offset_s": 0.0, "nominal_hz": 25.0, "measured_hz": null,
        "rate_ppm": null, "repairs": {}, "findings": [], "coverage": 0.725, "lane": [100, 100],
        "cut": {"windows": 10, "whole": 7, "partly": 1, "without": 2, "least": 0.25}}]}]
  })");
}

TEST(align_media, windows_that_lack_something) {
  Json align = align_example();
  EXPECT_THAT(cut_lines(align),
              ElementsAre("c<am: of 10 windows 1 covered in part, at least 25.0%, 2 not at all"));
  Json& cut = align["streams"][0]["cut"];
  cut["partly"] = 0;
  EXPECT_THAT(cut_lines(align), ElementsAre("c<am: of 10 windows 2 not at all"));
  cut["without"] = 0;
  EXPECT_THAT(cut_lines(align), IsEmpty());
}

// Words beside it.
Json text_example() {
  Json align = align_example();
  const Json counted = {
      {"coverage", 0.8},
      {"text",
       {{"windows", 10}, {"with_text", 8}, {"events", 24}, {"blank", 1}, {"in_no_window", 3}}}};
  Json stream = align["streams"][0], one = align["recordings"][0]["streams"][0];
  for (Json* json : {&stream, &one}) {
    json->erase("cut");
    json->update(counted);
    (*json)["name"] = "w<ords";
  }
  stream["method"] = "text";
  one["findings"] = {"w.csv: <none>"};
  one["start"] = one["end"] = nullptr;
  align["streams"].push_back(stream);
  align["recordings"][0]["streams"].push_back(one);
  return align;
}

TEST(align_media, text_is_counted) {
  Json align = text_example();
  EXPECT_THAT(text_lines(align), ElementsAre("w<ords: 24 events; 8 of 10 windows have text"));
  EXPECT_THAT(unused_text_lines(align), ElementsAre("w<ords: 3 of 24 events lie in no window",
                                                    "w<ords: 1 of 24 events have no text"));
  const std::string table = align_table(align, /*width_columns=*/100);
  EXPECT_THAT(table, HasSubstr("w<ords    75  text       80.0%       "));
  EXPECT_THAT(table, HasSubstr("\nw<ords: 24 events; 8 of 10 windows have text\n"));
  EXPECT_THAT(table, HasSubstr("\nw<ords: 3 of 24 events lie in no window\n"));
  const std::string page = align_page(align);
  EXPECT_THAT(page, HasSubstr("Streams of text"));
  EXPECT_THAT(page, HasSubstr("w&lt;ords: 3 of 24 events lie in no window"));
  EXPECT_THAT(page, HasSubstr("w.csv: &lt;none&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("w<ords")));
  EXPECT_THAT(page, Not(HasSubstr("id=\"staleness\"")));
  EXPECT_THAT(align_page(align_example()), Not(HasSubstr("Streams of text")));
  align["streams"][1]["text"]["blank"] = align["streams"][1]["text"]["in_no_window"] = 0;
  EXPECT_THAT(unused_text_lines(align), IsEmpty());
}

TEST(align_media, table_without_ticks) {
  const std::string table = align_table(align_example(), /*width_columns=*/100);
  EXPECT_THAT(table, HasSubstr("10 samples from the events of e.csv\n"));
  EXPECT_THAT(
      table,
      HasSubstr("c<am      75  cut        72.5%                                          2\n"));
  EXPECT_THAT(table, HasSubstr("c<am: of 10 windows 1 covered in part"));
}

TEST(align_media, page_leaves_out_what_is_of_ticks) {
  Json align = align_example();
  std::string page = align_page(align);
  EXPECT_THAT(page, HasSubstr("Streams that stay media"));
  EXPECT_THAT(page, HasSubstr("c&lt;am"));
  EXPECT_THAT(page, Not(HasSubstr("c<am")));
  EXPECT_THAT(page, Not(HasSubstr("id=\"staleness\"")));
  EXPECT_THAT(page, Not(HasSubstr("id=\"origins\"")));
  EXPECT_THAT(page, Not(HasSubstr("id=\"clocks\"")));
  EXPECT_THAT(page, Not(HasSubstr("in the longest sample")));
  align["syncs"].push_back(sync_together());
  page = align_page(align);
  EXPECT_THAT(page, HasSubstr("Clocks set by what both streams show"));
  EXPECT_THAT(page, HasSubstr("the correlation &lt;is&gt; flat"));
  EXPECT_THAT(page, HasSubstr("a&lt;udio 120 ms after mouth"));
  EXPECT_THAT(page, HasSubstr("2 of 2 recordings have their own highest peak within 250 ms of it"));
  EXPECT_THAT(page, HasSubstr("in common (40.0% of the stream, 30.0% of the reference)"));
  EXPECT_THAT(page, HasSubstr("mouth is absent"));
}

TEST(align_media, offsets_in_words) {
  Json align = align_example();
  const auto line = [&](const Json& sync) {
    align["syncs"] = Json::array({sync});
    return sync_lines(align).at(0);
  };
  EXPECT_EQ(
      line(sync_together()),
      "offset found: a<udio 120 ms after mouth, from 2 recordings together, correlation 0.31, "
      "+-4 ms; taken off its times");
  Json each = sync("each");
  each["recordings"][0].update(offset(-0.1, true));
  each["moved"] = 1;
  each["reason"] = "why not";
  EXPECT_EQ(line(each),
            "offset found: a<udio 100 ms before mouth, from 1 of 3 recordings, each by itself; "
            "taken off its times; the others keep theirs: why not");
  each["recordings"][1].update(offset(0.14, true));
  each["moved"] = 2;
  EXPECT_THAT(line(each), HasSubstr("a<udio 140 ms after mouth, -100 ms to 140 ms by recording, "
                                    "from 2 of 3 recordings"));
  each["moved"] = 0;
  EXPECT_EQ(line(each), "no offset found: a<udio against mouth keeps its times: why not");
  EXPECT_THAT(align_table(align, 100), HasSubstr("\nno offset found: a<udio against mouth"));
}

}  // namespace
}  // namespace braid::report
