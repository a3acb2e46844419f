#include "align/stream_table.h"

#include "align/signals.h"
#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using signals::kMs;
using signals::kSecond;

StreamTable parse(const char* text, const std::string& key = "") {
  return parse_stream_table(formats::parse_csv(text, ',', "s.csv"), "data", key);
}

TEST(stream_table, all_columns) {
  const StreamTable table = parse(
      "participant,split,stream,file,rate_hz,offset,start,unit,channels,method,tolerance\n"
      "p1,train,eda,eda.csv,4,-20ms,1970-01-01T00:00:02Z,ms,x; y,mean,1.5\n"
      "p1,train,ibi,/abs/ibi.csv,irregular,,,,,,\n"
      "p2,test,eda,b.csv,,2,,,,,\n");
  EXPECT_EQ(table.key_column, "participant");
  EXPECT_EQ(table.keys, (std::vector<std::string>{"p1", "p2"}));
  EXPECT_EQ(table.streams, (std::vector<std::string>{"eda", "ibi"}));
  EXPECT_EQ(table.ignored, (std::vector<std::string>{"split"}));
  ASSERT_EQ(table.entries.size(), 3u);
  const StreamEntry& first = table.entries[0];
  EXPECT_EQ(first.path, "data/eda.csv");
  EXPECT_EQ(first.line, 2);
  EXPECT_EQ(first.read.rate_hz, 4);
  EXPECT_EQ(first.read.clock_offset_ns, -20 * kMs);
  EXPECT_EQ(first.read.start_ns, 2 * kSecond);
  EXPECT_EQ(first.read.unit, TimeUnit::ms);
  EXPECT_EQ(first.read.channels, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(first.method, "mean");
  EXPECT_EQ(first.tolerance_ns, 1500 * kMs);
  EXPECT_EQ(first.label(), "p1 eda");
  EXPECT_EQ(table.entries[1].path, "/abs/ibi.csv");
  EXPECT_EQ(table.entries[1].read.rate_hz, 0);
  EXPECT_EQ(table.find("p2", "eda")->read.clock_offset_ns, 2 * kSecond);
  EXPECT_EQ(table.find("p2", "ibi"), nullptr);
}

TEST(stream_table, keys) {
  EXPECT_EQ(parse("stream,file\na,a.csv\n").key_column, "");
  EXPECT_EQ(parse("session,who,stream,file\n1,x,a,a.csv\n", "who").keys[0], "x");
  expect_error(ErrorKind::usage,
               "s.csv: key: expected one column that says which recording a row belongs to, got "
               "session, clip; name it with --key",
               [] { parse("session,clip,stream,file\n1,2,a,a.csv\n"); });
  expect_error(ErrorKind::usage, "s.csv: --key: unknown column 'who' (known: stream, file)",
               [] { parse("stream,file\na,a.csv\n", "who"); });
}

TEST(stream_table, what_is_wrong_is_named_with_its_line) {
  expect_error(ErrorKind::usage,
               "s.csv: expected a column \"file\", got stream, path; a table of streams has a row "
               "for each stream with its name and its file",
               [] { parse("stream,path\na,a.csv\n"); });
  expect_error(ErrorKind::data, "s.csv: expected rows, got none; list the streams",
               [] { parse("stream,file\n"); });
  expect_error(ErrorKind::data,
               "s.csv:3: expected each stream once in a recording, got \"a\" again, which line 2 "
               "has; take one row out, or give the streams two names",
               [] { parse("stream,file\na,a.csv\na,b.csv\n"); });
  expect_error(ErrorKind::data,
               "s.csv:2: file: expected the path of a file, got an empty cell; fill it in",
               [] { parse("stream,file\na,\n"); });
  expect_error(ErrorKind::data,
               "s.csv:2: rate_hz: expected a number above 0, \"irregular\" or an empty cell, got "
               "\"fast\"",
               [] { parse("stream,file,rate_hz\na,a.csv,fast\n"); });
  expect_error(ErrorKind::data,
               "s.csv:2: offset: expected a duration such as 20ms, 1.5s, 40us or 2min, got \"3 "
               "days\"",
               [] { parse("stream,file,offset\na,a.csv,3 days\n"); });
}

TEST(stream_table, names_of_files) {
  EXPECT_EQ(file_stem("eda"), "eda");
  EXPECT_EQ(file_stem("../a b"), "_.._a_b");
  EXPECT_EQ(file_stem(""), "_");
}

}  // namespace
}  // namespace braid::align
