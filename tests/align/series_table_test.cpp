#include "align/read_series.h"
#include "align/signals.h"
#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using signals::expect_values;
using signals::kMs;
using signals::kSecond;
using Times = std::vector<int64_t>;
using Names = std::vector<std::string>;

RawSeries parse(std::string_view text, const ReadOptions& options = {},
                SeriesFacts* facts = nullptr) {
  return parse_raw_series(text, ',', "s.csv", options, facts);
}

ReadOptions at_rate(double rate_hz) {
  ReadOptions options;
  options.rate_hz = rate_hz;
  return options;
}

ReadOptions only(const Names& channels) {
  ReadOptions options;
  options.channels = channels;
  return options;
}

void refuse(const std::string& part, std::string_view text, const ReadOptions& options = {},
            ErrorKind kind = ErrorKind::data) {
  expect_error(kind, part, [&] { parse(text, options); });
}

TEST(series_table, times_and_channels) {
  SeriesFacts facts;
  const RawSeries raw = parse("time_ms, eda ,hr\n10,0.5,60\n30,,61\n50,NaN,\n", {}, &facts);
  EXPECT_EQ(raw.name, "s.csv");
  EXPECT_EQ(raw.times_ns, (Times{10 * kMs, 30 * kMs, 50 * kMs}));
  EXPECT_EQ(raw.channels, 2);
  expect_values(raw.values, {0.5, 60, NAN, 61, NAN, NAN});
  EXPECT_EQ(facts.channels, (Names{"eda", "hr"}));
  EXPECT_EQ(facts.gaps, (Times{2, 1}));
  EXPECT_EQ(facts.rows, 3);
  EXPECT_EQ(facts.first_ns, 10 * kMs);
  EXPECT_EQ(facts.last_ns, 50 * kMs);
  EXPECT_EQ(facts.median_step_ns, 20 * kMs);
  EXPECT_DOUBLE_EQ(facts.rate_hz, 50);
  EXPECT_EQ(
      describe(facts),
      "s.csv: 3 rows of 2 channels (eda, hr), 10 ms to 50 ms, 50 Hz (median step 20 ms); gaps: "
      "2 in eda, 1 in hr; table with times in column time_ms; unit ms: the column is named "
      "time_ms");
}

TEST(series_table, gaps_in_every_spelling) {
  const RawSeries raw = parse("t,x\n1,\n2,nan\n3,NA\n4,N/A\n5,null\n6,None\n7, +1.5 \n8,-2e-3\n");
  for (size_t i = 0; i < 6; ++i) EXPECT_TRUE(std::isnan(raw.values[i])) << i;
  EXPECT_EQ(raw.values[6], 1.5);
  EXPECT_EQ(raw.values[7], -0.002);
}

TEST(series_table, dates_and_given_units) {
  SeriesFacts facts;
  const RawSeries raw =
      parse("date,x\n2022-02-07T09:52:54Z,1\n2022-02-07T09:52:55Z,2\n", {}, &facts);
  EXPECT_EQ(raw.times_ns, (Times{1644227574 * kSecond, 1644227575 * kSecond}));
  EXPECT_EQ(facts.timing, "dates of ISO 8601 (UTC where they name no zone)");
  EXPECT_EQ(parse("2022-02-07T09:52:54Z,1\n2022-02-07T09:52:55Z,2\n").times_ns, raw.times_ns);
  ReadOptions options;
  options.unit = TimeUnit::us;
  options.time_column = "tick";
  options.clock_offset_ns = 5;
  EXPECT_EQ(parse("x,tick\n1,7\n2,8\n", options).times_ns, (Times{7005, 8005}));
  expect_values(parse("x,tick\n1,7\n2,8\n", options).values, {1, 2});
}

TEST(series_table, chosen_channels_leave_text_out) {
  const char text[] = "t,note,b,a\n0,rest,1,2\n1,walk,3,4\n";
  SeriesFacts facts;
  expect_values(parse(text, only({"a", "b"}), &facts).values, {2, 1, 4, 3});
  EXPECT_EQ(facts.channels, (Names{"a", "b"}));
  refuse("s.csv:2: note: expected numbers, got \"rest\"; leave text out: channels = b, a", text);
  refuse("s.csv: channels: unknown column 'c'", text, only({"c"}), ErrorKind::usage);
  refuse("s.csv: channels: unknown column 't'", text, only({"t"}), ErrorKind::usage);
  refuse("s.csv: channels: a stands twice; name each once", text, only({"a", "a"}),
         ErrorKind::usage);
}

TEST(series_table, rate_without_times) {
  SeriesFacts facts;
  ReadOptions options = at_rate(4);
  options.start_ns = kSecond;
  const RawSeries raw = parse("1,2\n3,4\n", options, &facts);
  EXPECT_EQ(raw.times_ns, (Times{kSecond, kSecond + 250 * kMs}));
  expect_values(raw.values, {1, 2, 3, 4});
  EXPECT_EQ(facts.channels, (Names{"column_1", "column_2"}));
  EXPECT_EQ(facts.layout, "table at a given rate, without a header");
  EXPECT_EQ(facts.timing, "4 Hz from 1 s, as given");
  EXPECT_EQ(facts.rate_hz, 4);
  EXPECT_EQ(parse("x,y\n1,2\n\n", at_rate(4), &facts).times_ns, (Times{0}));
  EXPECT_EQ(facts.channels, (Names{"x", "y"}));
  ReadOptions headless;
  headless.time_column = "column_2";
  EXPECT_EQ(parse("1,2\n3,4\n", headless).times_ns, (Times{2 * kSecond, 4 * kSecond}));
}

TEST(series_table, a_blank_line_moves_no_sample) {
  refuse("s.csv:2: sample: expected a sample, got a blank line; write nan for a gap, or remove it",
         "1\n\n2\n", at_rate(4));
  refuse("s.csv:3: sample: expected a sample, got a blank line", "1644227574\n4\n\n2\n");
  expect_values(parse("\n\n1\n\"\"\n2\n\n\n", at_rate(4)).values, {1, NAN, 2});
  EXPECT_EQ(parse("t,x\n\n1,2\n\n3,4\n").size(), 2);  // each row has its time
}

TEST(series_table, e4_samples) {
  SeriesFacts facts;
  const RawSeries raw = parse_raw_series("1644227574.250000\n4.000000\n0.5\n0.75\n\"\"\n", ',',
                                         "S02/EDA.csv", {}, &facts);
  EXPECT_EQ(raw.times_ns, (Times{1644227574250 * kMs, 1644227574500 * kMs, 1644227574750 * kMs}));
  expect_values(raw.values, {0.5, 0.75, NAN});
  EXPECT_EQ(
      describe(facts),
      "S02/EDA.csv: 3 rows of 1 channel (EDA), 2022-02-07T09:52:54.25Z to "
      "2022-02-07T09:52:54.75Z, 4 Hz (median step 250 ms); gaps: 1 in EDA; Empatica E4: start "
      "and rate in the first two rows, then samples; 4 Hz from 2022-02-07T09:52:54.25Z, said "
      "by the file");
  const char acc[] = "1644227574.0, 1644227574.0, 1644227574.0\n32, 32, 32\n2,10,63\n4,12,66\n";
  expect_values(parse(acc, only({"z", "x"}), &facts).values, {63, 2, 66, 4});
  EXPECT_EQ(parse(acc, {}, &facts).channels, 3);
  EXPECT_EQ(facts.channels, (Names{"x", "y", "z"}));
  EXPECT_EQ(parse(acc, at_rate(32.1)).size(), 2);  // within 1 %
  parse("1644227574,1644227574\n4,4\n1,2\n", {}, &facts);
  EXPECT_EQ(facts.channels, (Names{"column_1", "column_2"}));
}

TEST(series_table, e4_beats) {
  SeriesFacts facts;
  const RawSeries raw =
      parse("1644227574.000000, IBI\n604.000000,0.687500\n604.937500,0.937500\n", {}, &facts);
  EXPECT_EQ(raw.times_ns, (Times{1644228178 * kSecond, 1644228178937500 * 1000}));
  expect_values(raw.values, {0.6875, 0.9375});
  EXPECT_EQ(facts.channels, (Names{"IBI"}));
  EXPECT_EQ(facts.timing, "offsets in s after the start 2022-02-07T09:52:54Z");
  EXPECT_EQ(parse("1644227574.0, IBI\n").size(), 0);  // no beat was sure
}

TEST(series_table, e4_errors) {
  refuse(
      "s.csv:1: start and rate: expected one start and one rate for all columns of an Empatica "
      "E4 export, got others in column 2; split the file",
      "1644227574,1644227575\n4,4\n1,2\n");
  refuse("got others in column 2", "1644227574,1644227574\n4,8\n1,2\n");
  refuse("s.csv:2: rate: expected a rate above 0 Hz, got 0.0; is the export whole?",
         "1644227574\n0.0\n1\n");
  refuse(
      "s.csv: rate: expected 64 Hz as given, got 4 Hz said by the file: rates that do not match "
      "the file; correct rate_hz or leave it out",
      "1644227574\n4\n1\n", at_rate(64));
  refuse("s.csv:4: s: expected a finite number, or an empty cell for a gap, got \"x\"",
         "1644227574\n4\n1\nx\n");
  refuse("s.csv:3: expected 1 cells, got 2", "1644227574\n4\n1,2\n");
  ReadOptions options;
  options.start_ns = 0;
  refuse(
      "s.csv: start: expected none, as the file has its own times, got 0 ns; move them with "
      "clock_offset",
      "1644227574\n4\n1\n", options, ErrorKind::usage);
  refuse("start: expected none", "1644227574,IBI\n1,2\n", options, ErrorKind::usage);
  refuse("s.csv:2: offset: expected a number of s, got \"\"", "1644227574,IBI\n,2\n");
  // Only a start: no rate follows.
  refuse("s.csv:1: time: expected a column named as times are", "1644227574\n");
}

TEST(series_table, rates_that_do_not_match) {
  const char text[] = "time_ms,x\n0,1\n16,2\n31,3\n47,4\n63,5\n";  // 64 Hz in whole ms
  EXPECT_EQ(parse(text, at_rate(64)).size(), 5);  // the mean step, 15.75 ms, agrees
  refuse(
      "s.csv: rate: expected 50 Hz as given, got a median step of 16 ms (62.5 Hz): rates that do "
      "not match the file; correct rate_hz or leave it out",
      text, at_rate(50));
  refuse("rates that do not match", "t,x\n1,1\n1,2\n1,3\n", at_rate(50));
  EXPECT_EQ(parse("t,x\n1,1\n", at_rate(50)).size(), 1);  // one sample has no rate
  for (const double bad : {-1.0, double(NAN), double(INFINITY), 2e9})
    refuse("s.csv: rate_hz: expected above 0 and at most 1e9", text, at_rate(bad),
           ErrorKind::usage);
}

TEST(series_table, errors_name_the_line) {
  for (const char* text : {"", "\n\r\n"})
    refuse("s.csv:1: expected rows of samples, got an empty file; is the stream recorded at all?",
           text);
  refuse("s.csv:3: time: expected a number of s, got \"abc\"", "time,x\n1,2\nabc,3\n");
  refuse("s.csv:2: time: expected a number of s, got \"\"", "time,x\n,2\n");
  refuse(
      "s.csv:3: x: expected a finite number, or an empty cell for a gap, got \"2,5\"; correct it, "
      "or leave the column out of channels",
      "time,x\n1,2\n2,\"2,5\"\n");
  for (const char* bad : {"inf", "-inf", "1e999", "0x10", "1 2", "+-1", "--1"})
    refuse(std::string("s.csv:3: x: expected a finite number, or an empty cell for a gap, got \"") +
               bad + "\"",
           std::string("time,x\n1,2\n2,") + bad + "\n");
  refuse("s.csv:3: expected 2 cells, got 3", "time,x\n1,2\n1,2,3\n");
  refuse(
      "s.csv:1: time: expected a column named as times are (time, timestamp, t, time_ms, ...), "
      "got a, b; name it with time_column, or give rate_hz",
      "a,b\n1,2\n");
  refuse("s.csv:1: time: expected one column of times, got time, date; name it with time_column",
         "time,date,x\n1,2,3\n");
  refuse(
      "s.csv: expected a column of samples beside time, got none; a list of times alone is one "
      "of events",
      "time\n1\n");
  refuse("s.csv:1: the column 'x' stands twice", "time,x,x\n1,2,3\n");
  refuse("s.csv:1: expected a name for column 1, got an empty cell", ",time,x\n0,1,2\n");
  ReadOptions options;
  options.time_column = "tme";
  refuse("s.csv: time_column: unknown column 'tme'; did you mean 'time'?", "time,x\n1,2\n", options,
         ErrorKind::usage);
  options = {};
  options.start_ns = kSecond;
  refuse("s.csv: start: expected none", "time,x\n1,2\n", options, ErrorKind::usage);
  options = {};
  options.times_path = "t.npy";
  refuse("s.csv: times_path: expected none for a table, got t.npy; name a time column",
         "time,x\n1,2\n", options, ErrorKind::usage);
  options = {};
  options.limit_rows = 1;
  refuse("s.csv: expected at most 1 rows, got more; raise limit_rows, or split the file",
         "time,x\n1,2\n2,3\n", options);
  options = {};
  options.clock_offset_ns = INT64_MAX;
  refuse("s.csv: clock offset: expected times within 146 years of zero", "t,x\n1,2\n", options);
}

TEST(series_table, truncation_at_every_byte_is_a_series_or_an_error) {
  for (const std::string text :
       {"1644227574.0, 1644227574.0\n32.0, 32.0\n2,10\n4,12\n", "1644227574.0, IBI\n604.0,0.6875\n",
        "time_ms,\"a \"\"b\"\"\"\n10,0.5\n30,\n",
        "2022-02-07T09:52:54Z,1\n2022-02-07T09:52:55Z,2\n"})
    for (size_t size = 0; size <= text.size(); ++size) {
      try {
        const RawSeries raw = parse(text.substr(0, size));
        EXPECT_EQ(raw.values.size(), raw.times_ns.size() * static_cast<size_t>(raw.channels));
      } catch (const Error&) {
      }
    }
}

TEST(series_table, many_rows) {
  std::string text = "1644227574\n64\n";
  for (int i = 0; i < 50000; ++i) text += i % 7 == 0 ? "nan\n" : "-5.74\n";
  SeriesFacts facts;
  const RawSeries raw = parse(text, {}, &facts);
  EXPECT_EQ(facts.rows, 50000);
  EXPECT_EQ(facts.gaps, (Times{7143}));
  EXPECT_EQ(facts.median_step_ns, 15625000);
  EXPECT_EQ(raw.times_ns.back(), 1644227574 * kSecond + 49999 * int64_t{15625000});
}

}  // namespace
}  // namespace braid::align
