#include "align/windows.h"

#include "align/signals.h"
#include "core/file.h"
#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using signals::kSecond;

EventWindows read(const std::string& text, const EventWindowOptions& options) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "e.csv", text);
  return read_event_windows(folder / "e.csv", options);
}

TEST(windows, spans) {
  const std::vector<Span> spans = {{0, 10}, {3, 12}};
  EXPECT_EQ(span_of(spans, SpanKind::common).start_ns, 3);
  EXPECT_EQ(span_of(spans, SpanKind::common).end_ns, 10);
  EXPECT_EQ(span_of(spans, SpanKind::whole).start_ns, 0);
  EXPECT_EQ(span_of(spans, SpanKind::whole).end_ns, 12);
  EXPECT_TRUE(span_of({{0, 2}, {5, 6}}, SpanKind::common).is_empty());
  EXPECT_TRUE(span_of({}, SpanKind::whole).is_empty());
  expect_error(ErrorKind::usage,
               "unknown span 'comon'; did you mean 'common'? (known: common, whole)",
               [] { parse_span("comon"); });
}

TEST(windows, fixed_ones_end_within_the_span) {
  const auto windows = fixed_windows("p", {100, 1100}, 400, 300);
  ASSERT_EQ(windows.size(), 3u);  // 100, 400, 700: the last one ends with the span
  EXPECT_EQ(windows[2].start_ns, 700);
  EXPECT_EQ(windows[2].end_ns, 1100);
  EXPECT_EQ(windows[2].id, "p_2");
  EXPECT_EQ(fixed_windows("", {0, 400}, 400, 1)[0].id, "0");
  EXPECT_TRUE(fixed_windows("", {0, 399}, 400, 1).empty());
  EXPECT_TRUE(fixed_windows("", {5, 0}, 400, 1).empty());
  expect_error(ErrorKind::usage, "--window: expected above 0, got 0 ns", [] {
    fixed_windows("p", {0, 10}, 0, 1);
  });
}

TEST(windows, events_carry_their_other_columns) {
  EventWindowOptions options;
  options.key_column = "who";
  options.before_ns = kSecond;
  const EventWindows windows = read(
      "who,id,t_start,t_end,label,note\nb,x,5,6,1,\"a, b\"\na,y,2,4,0,\nb,z,7,7,1,\n", options);
  EXPECT_EQ(windows.columns, (std::vector<std::string>{"label", "note"}));
  EXPECT_EQ(windows.num_rows, 3);
  const auto& b = windows.by_key.at("b");
  ASSERT_EQ(b.size(), 2u);
  EXPECT_EQ(b[0].id, "x");
  EXPECT_EQ(b[0].start_ns, 4 * kSecond);
  EXPECT_EQ(b[0].end_ns, 6 * kSecond);
  EXPECT_EQ(b[0].cells, (std::vector<std::string>{"1", "a, b"}));
  EXPECT_EQ(windows.by_key.at("a")[0].id, "y");
}

TEST(windows, events_without_a_length) {
  // One of two lasts no time: it is left out and counted.
  const EventWindows windows = read("start,end\n1,2\n3,3\n", {});
  EXPECT_EQ(windows.num_empty, 1);
  EXPECT_EQ(windows.by_key.at("").size(), 1u);
  EXPECT_EQ(windows.by_key.at("")[0].id, "0");
  const TemporaryFolder folder;
  write_file_atomically(folder / "e.csv", "time,label\n1,a\n");
  expect_error(ErrorKind::usage,
               folder / "e.csv" +
                   ": expected events that last some time, got none (start time, text label); say "
                   "how much around them with --before and --after",
               [&] { read_event_windows(folder / "e.csv"); });
  write_file_atomically(folder / "e.csv", "start,end\n");
  expect_error(ErrorKind::data,
               folder / "e.csv" + ": expected events, got no rows; each one makes a sample",
               [&] { read_event_windows(folder / "e.csv"); });
}

}  // namespace
}  // namespace braid::align
