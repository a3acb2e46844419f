#include "align/read_events.h"

#include <cmath>
#include <filesystem>

#include "align/signals.h"
#include "core/file.h"
#include "formats/expect_error.h"
#include "support/shared_folders.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using signals::kMs;
using signals::kSecond;

Events parse(std::string_view text, const EventOptions& options = {}, EventFacts* facts = nullptr) {
  return parse_events(text, ',', "e.csv", options, facts);
}

// The shape of a corpus of spoken commands: words of several clips.
const char kWords[] =
    "id,clip,split,slot,label,t_start,t_end\n"
    "a_0,a,val,command,bin,0.7,0.92\n"
    "a_1,a,val,colour,blue,0.92,1.22\n"
    "b_0,b,train,command,lay,0.5,0.75\n";

TEST(read_events, words_by_clip) {
  EventOptions options;
  options.key_column = "clip";
  EventFacts facts;
  const Events events = parse(kWords, options, &facts);
  ASSERT_EQ(events.size(), 2u);
  const std::vector<Event>& a = events.at("a");
  ASSERT_EQ(a.size(), 2u);
  EXPECT_EQ(a[0].start_ns, 700 * kMs);
  EXPECT_EQ(a[0].end_ns, 920 * kMs);
  EXPECT_EQ(a[0].text, "bin");
  EXPECT_TRUE(a[0].values.empty());
  EXPECT_EQ(events.at("b")[0].text, "lay");
  EXPECT_EQ(describe(facts),
            "e.csv: 3 events of 2 keys; start t_start, end t_end, text label, key clip; unit s: "
            "neither the name t_start nor the values tell another");
}

TEST(read_events, detections_with_numbers) {
  EventOptions options;
  options.value_columns = {"y", "score"};
  options.text_column = "kind";
  options.clock_offset_ns = -5;
  const Events events =
      parse("frame_ms,kind,x,y,score\n40,car,1,2,0.5\n40,dog,3,4,\n80,\"a, b\",5,6,1\n", [&] {
        options.start_column = "frame_ms";
        return options;
      }());
  const std::vector<Event>& all = events.at("");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].start_ns, 40 * kMs - 5);
  EXPECT_EQ(all[0].end_ns, all[0].start_ns);  // no end column
  EXPECT_EQ(all[0].values, (std::vector<double>{2, 0.5}));
  EXPECT_EQ(all[1].start_ns, all[0].start_ns);  // two in one frame
  EXPECT_TRUE(std::isnan(all[1].values[1]));
  EXPECT_EQ(all[2].text, "a, b");
}

TEST(read_events, button_presses_have_no_header) {
  EventFacts facts;
  const Events events = parse("1644228196\r\n1644228572.50\r\n", {}, &facts);
  ASSERT_EQ(events.at("").size(), 2u);
  EXPECT_EQ(events.at("")[1].start_ns, 1644228572500 * kMs);
  EXPECT_EQ(facts.timing, "unit s: 1644228196 looks like a Unix time");
  // Nobody pressed it.
  EXPECT_TRUE(parse("").empty());
  EXPECT_TRUE(parse("start,end,text\n", {}, &facts).empty());
  EXPECT_EQ(describe(facts), "e.csv: 0 events of 0 keys; start start, end end, text text; no rows");
}

TEST(read_events, labels_without_a_header) {
  const Events events = parse_events("0.5\t0.9\thello there\n1\t\tx\n", '\t', "labels.tsv");
  ASSERT_EQ(events.at("").size(), 2u);
  EXPECT_EQ(events.at("")[0].end_ns, 900 * kMs);
  EXPECT_EQ(events.at("")[0].text, "hello there");
  EXPECT_EQ(events.at("")[1].end_ns, kSecond);  // an empty end is the start
  EXPECT_EQ(parse("2,beep\n").at("")[0].text, "beep");
  EventOptions options;
  options.start_column = "column_2";
  EXPECT_EQ(parse("7,2\n", options).at("")[0].start_ns, 2 * kSecond);
}

TEST(read_events, units_of_start_and_end) {
  EXPECT_EQ(parse("start_ms,end_s\n500,1\n").at("")[0].end_ns, kSecond);
  EXPECT_EQ(parse("start_ms,end\n500,1000\n").at("")[0].end_ns, kSecond);
  EventOptions options;
  options.unit = TimeUnit::us;
  EXPECT_EQ(parse("start_ms,end_s\n500,501\n", options).at("")[0].end_ns, 501000);
  EXPECT_EQ(parse("start,end\n2022-02-07T09:52:54Z,2022-02-07 09:52:55\n").at("")[0].end_ns,
            1644227575 * kSecond);
}

TEST(read_events, errors_name_the_line) {
  const auto refuse = [](const std::string& part, std::string_view text,
                         const EventOptions& options = {}, ErrorKind kind = ErrorKind::data) {
    expect_error(kind, part, [&] { parse(text, options); });
  };
  EventOptions by_clip;
  by_clip.key_column = "clip";
  refuse(
      "e.csv:4: t: expected a time that is not before that of the row before of \"a\", got one "
      "500 ms before; sort the rows by time",
      "clip,t\na,1\nb,0\na,0.5\n", by_clip);
  refuse("e.csv:3: t: expected a time that is not before that of the row before, got one 1 s",
         "clip,t\na,1\nb,0\n");
  refuse("e.csv:2: end: expected an end that is not before its start, got one 1 s before",
         "start,end\n2,1\n");
  refuse("e.csv:3: start: expected a number of s, got \"x\"", "start\n1\nx\n");
  refuse("e.csv:2: end: expected a number of s, got \"x\"", "start,end\n1,x\n");
  refuse("e.csv:3: expected 2 cells, got 1", "start,end\n1,2\n3\n");
  refuse(
      "e.csv:1: start: expected one column named as starts are (start, t_start, time, start_ms, "
      "...), got a, b; name it with start_column",
      "a,b\n1,2\n");
  refuse("got time, date; name it with start_column", "time,date\n1,2\n");
  refuse("e.csv:1: the column 'a' stands twice", "a,a\n1,2\n");
  EventOptions options;
  options.value_columns = {"w"};
  refuse(
      "e.csv:2: w: expected a finite number or an empty cell, got \"inf\"; correct it, or leave "
      "the column out of value_columns",
      "t,w\n1,inf\n", options);
  refuse("e.csv: value_columns: unknown column 'w'", "t,x\n1,2\n", options, ErrorKind::usage);
  options = {};
  options.key_column = "clpi";
  refuse("e.csv: key_column: unknown column 'clpi'; did you mean 'clip'?", "t,clip\n1,2\n", options,
         ErrorKind::usage);
  options = {};
  options.limit_rows = 1;
  refuse("e.csv: expected at most 1 rows, got more; raise limit_rows", "t\n1\n2\n", options);
  options = {};
  options.clock_offset_ns = INT64_MAX;
  refuse("e.csv:2: t: expected times within 146 years of zero", "t\n1\n", options);
}

TEST(read_events, files) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "words.csv", kWords);
  EXPECT_EQ(read_events(folder / "words.csv",
                        [] {
                          EventOptions options;
                          options.key_column = "clip";
                          return options;
                        }())
                .size(),
            2u);
  expect_error(ErrorKind::usage,
               "expected a table of events (.csv, .tsv or .tab), got the extension",
               [&] { read_events(folder / "words.txt"); });
  expect_error(ErrorKind::io, "absent.csv", [&] { read_events(folder / "absent.csv"); });
}

TEST(read_events, real_words_and_button_presses) {
  const std::string data = braid::testing::data_folder();
  const std::string words = data + "/grid_av/words.csv",
                    tags = data + "/stress_e4/S02/tags_S02.csv";
  if (data.empty() || !file_exists(words) || !file_exists(tags))
    GTEST_SKIP() << "no real data; set BRAID_DATA";
  EventOptions options;
  options.key_column = "clip";
  EventFacts facts;
  const Events events = read_events(words, options, &facts);
  EXPECT_EQ(facts.keys, static_cast<int64_t>(events.size()));
  EXPECT_EQ(facts.rows, 6 * facts.keys);  // six words a sentence
  const Events presses = read_events(tags);
  ASSERT_EQ(presses.size(), 1u);
  EXPECT_EQ(presses.at("").size(), 9u);
  EXPECT_EQ(presses.at("")[0].start_ns, 1644228196 * kSecond);
}

}  // namespace
}  // namespace braid::align
