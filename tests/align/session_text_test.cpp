#include "align/session_text.h"

#include <gmock/gmock.h>

#include "align/session_json.h"
#include "align/signals.h"
#include "core/file.h"
#include "formats/expect_error.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using signals::kMs;
using signals::kSecond;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A series of 4 s at 4 Hz beside words.
class Recording {
 public:
  Recording() {
    std::string x = "time,x\n";
    for (int i = 0; i < 16; ++i) x += fmt::format("{},{}\n", 0.25 * i, i);
    add("x.csv", x);
    add("w.csv", "start,end,word\n0.5,0.9,lay\n0.9,1,red\n1.75,2.25,at\n9,9.5,soon\n");
    options.rate_hz = 4;
    options.window_ns = kSecond;
    options.methods["words"] = "text";
  }
  void add(const std::string& name, const std::string& bytes) {
    write_file_atomically(folder_ / name, bytes);
  }

  // The manifest.
  std::string write(const std::string& table) {
    add("s.csv", table);
    streams = read_stream_table(folder_ / "s.csv");
    plan = plan_session(streams, options);
    const std::string out = folder_ / fmt::format("out{}", ++num_written_);
    make_folders(out);
    result = write_session(plan, out);
    EXPECT_FALSE(file_exists(out + "/words.series.npy"));
    return read_file(out + "/manifest.csv");
  }
  Json json() const { return session_json(plan, result, "braid align"); }
  std::string path(const std::string& name) const { return folder_ / name; }

  SessionOptions options;
  StreamTable streams;
  SessionPlan plan;
  SessionResult result;

 private:
  TemporaryFolder folder_;
  int num_written_ = 0;
};

TEST(session_text, cells_have_the_text_of_their_window) {
  Recording r;
  // "red" is over when the second window begins, "at" lies in two, "soon" in none.
  EXPECT_EQ(r.write("stream,file\nx,x.csv\nwords,w.csv\n"),
            "id,t_start,t_end,x,words\n"
            "0,0,1,x.series.npy#0,lay red\n"
            "1,1,2,x.series.npy#1,at\n"
            "2,2,3,x.series.npy#2,at\n"
            "3,3,4,x.series.npy#3,\n");
  const TextStats& words = r.result.texts[0][1];
  EXPECT_EQ(words.events, 4);
  EXPECT_EQ(words.windows, 4);
  EXPECT_EQ(words.with_text, 3);
  EXPECT_EQ(words.in_no_window, 1);
  EXPECT_EQ(words.coverage(), 0.75);
  EXPECT_THAT(r.result.sample_has[1], ElementsAre(true, true, true, false));
  const Json json = r.json();
  const Json& stream = json["streams"][1];
  EXPECT_EQ(stream["method"], "text");
  EXPECT_EQ(stream["method_why"], "as given for the stream");
  EXPECT_EQ(stream["rows"], 4);
  EXPECT_EQ(stream["channels"], Json({"word"}));
  EXPECT_TRUE(stream["file"].is_null());
  EXPECT_TRUE(stream["tolerance_s"].is_null());
  EXPECT_EQ(stream["samples_without"], 1);
  EXPECT_EQ(
      stream["text"],
      Json({{"windows", 4}, {"with_text", 3}, {"events", 4}, {"blank", 0}, {"in_no_window", 1}}));
  EXPECT_FALSE(stream.contains("staleness"));
  const Json& one = json["recordings"][0]["streams"][1];
  EXPECT_EQ(one["text"]["events"], 4);
  EXPECT_EQ(one["start"], 0.5);
  EXPECT_EQ(one["end"], 9.5);
  // From 0 to 9.5 s in 300 parts: nothing before 0.5 s, words up to 1 s.
  EXPECT_EQ(one["lane"].size(), 300u);
  EXPECT_EQ(one["lane"][14], 0);
  EXPECT_EQ(one["lane"][20], 100);
  EXPECT_EQ(json["recordings"][0]["ends_apart_s"], 0.0);
}

TEST(session_text, what_takes_no_time) {
  Recording r;
  r.add("w.csv", "time,label\n0,a\n0.999999999,b\n1,c\n2,d\n2,e\n");
  r.add("e.csv", "start,end,k\n0,1,p\n0.5,2.5,r\n1,2,q\n");
  r.options.events_path = r.path("e.csv");
  r.options.window_ns = 0;
  EXPECT_THAT(r.write("stream,file\nwords,w.csv\n"),
              HasSubstr("0,0,1,p,a b\n1,0.5,2.5,r,b c d e\n2,1,2,q,c\n"));
  EXPECT_EQ(r.result.texts[0][0].in_no_window, 0);
}

// A long event is found behind short ones that begin later.
TEST(session_text, events_may_overlap) {
  Recording r;
  r.add("w.csv",
        "start,end,caption\n0,3.5,\" a long, one\"\n0.1,0.2,b\n1.1,1.2,\n1.3,1.4,d\n2.1,2.2, \n");
  EXPECT_EQ(r.write("stream,file,channels\nx,x.csv,\nwords,w.csv,caption\n"),
            "id,t_start,t_end,x,words\n"
            "0,0,1,x.series.npy#0,\"a long, one b\"\n"
            "1,1,2,x.series.npy#1,\"a long, one d\"\n"
            "2,2,3,x.series.npy#2,\"a long, one\"\n"
            "3,3,4,x.series.npy#3,\"a long, one\"\n");
  EXPECT_EQ(r.result.texts[0][1].blank, 2);
  EXPECT_EQ(r.result.texts[0][1].in_no_window, 0);
  EXPECT_EQ(r.json()["recordings"][0]["streams"][1]["blank_values"], 2);
}

TEST(session_text, one_file_for_all_recordings) {
  Recording r;
  r.add("w.csv",
        "id,clip,label,t_start,t_end\n1,a,lay,0.5,0.9\n2,b,red,0.1,0.2\n3,a,at,1,1.5\n"
        "4,z,far,0,1\n5,z,away,1,2\n");
  const char* table =
      "clip,stream,file\na,x,x.csv\na,words,w.csv\nb,x,x.csv\nb,words,w.csv\nc,x,x.csv\n"
      "c,words,w.csv\nd,x,x.csv\n";
  r.options.window_ns = 2 * kSecond;
  EXPECT_EQ(r.write(table),
            "id,clip,t_start,t_end,x,words\n"
            "a_0,a,0,2,x.series.npy#0,lay at\na_1,a,2,4,x.series.npy#1,\n"
            "b_0,b,0,2,x.series.npy#2,red\nb_1,b,2,4,x.series.npy#3,\n"
            "c_0,c,0,2,x.series.npy#4,\nc_1,c,2,4,x.series.npy#5,\n"
            "d_0,d,0,2,x.series.npy#6,\nd_1,d,2,4,x.series.npy#7,\n");
  const Json json = r.json();
  EXPECT_EQ(json["streams"][1]["text"]["events"], 3);
  EXPECT_EQ(json["streams"][1]["text"]["windows"], 8);
  ASSERT_EQ(r.plan.dropped.size(), 1u);
  EXPECT_EQ(r.plan.dropped[0].count, 2);
  EXPECT_EQ(r.plan.dropped[0].reason,
            "event in " + r.path("w.csv") + " of a recording that does not name this file");
  EXPECT_THAT(r.plan.dropped[0].examples, ElementsAre("z"));
  const Json& c = json["recordings"][2]["streams"][1];
  EXPECT_THAT(
      c["findings"][0].get<std::string>(),
      HasSubstr("w.csv: expected events, got none with clip \"c\"; every window is without"));
  EXPECT_TRUE(c["start"].is_null());
  EXPECT_EQ(c["rows_in_file"], 5);
  // Without that column every recording has all of them, which is said.
  r.add("w.csv", "label,t_start,t_end\nlay,0.5,0.9\n");
  EXPECT_THAT(r.write(table), HasSubstr("c_0,c,0,2,x.series.npy#4,lay\n"));
  EXPECT_THAT(r.plan.scanned[1].facts.findings[0],
              HasSubstr("no column \"clip\" says whose events these are: all of them count for "
                        "each of 3 recordings"));
}

TEST(session_text, times_are_moved_and_read_as_the_table_says) {
  Recording r;
  r.add("w.csv", "start,when,word\n0,500,lay\n0,1500,red\n");
  EXPECT_THAT(r.write("stream,file,offset,time_column,unit\nx,x.csv,,,\nwords,w.csv,1s,when,ms\n"),
              HasSubstr("1,1,2,x.series.npy#1,lay\n2,2,3,x.series.npy#2,red\n"));
  EXPECT_EQ(r.plan.scanned[1].facts.first_ns, 1500 * kMs);
  // What --sync finds is added as well.
  r.plan.scanned[1].sync_ns = -kSecond;
  TextStats stats;
  EXPECT_THAT(text_cells(&r.plan.scanned[1], r.plan.keys[0].windows, &stats),
              ElementsAre("lay", "red", "", ""));
}

TEST(session_text, narrows_no_span) {
  Recording r;
  r.add("w.csv", "start,end,word\n1.5,2,lay\n7,7.5,red\n");
  r.options.window_ns = 2 * kSecond;
  EXPECT_EQ(r.write("stream,file\nx,x.csv\nwords,w.csv\n"),
            "id,t_start,t_end,x,words\n0,0,2,x.series.npy#0,lay\n1,2,4,x.series.npy#1,\n");
  r.options.span = SpanKind::whole;
  r.write("stream,file\nx,x.csv\nwords,w.csv\n");
  EXPECT_EQ(r.plan.keys[0].span.end_ns, 7500 * kMs);
  // Alone it says itself when it is; then there is no need of ticks.
  r.options = {};
  r.options.window_ns = kSecond;
  EXPECT_THAT(r.write("stream,file,method\nwords,w.csv,text\nlater,w.csv,text\n"),
              StartsWith("id,t_start,t_end,words,later\n0,1.5,2.5,lay,lay\n1,2.5,3.5,,\n"));
  EXPECT_EQ(r.plan.keys[0].span.end_ns, 7500 * kMs);
}

TEST(session_text, no_events_are_no_error) {
  for (const char* file : {"", "start,end,word\n"}) {
    Recording r;
    r.add("w.csv", file);
    EXPECT_THAT(r.write("stream,file\nx,x.csv\nwords,w.csv\n"),
                HasSubstr("id,t_start,t_end,x,words\n0,0,1,x.series.npy#0,\n"));
    EXPECT_EQ(r.result.texts[0][1].windows, 4);
    EXPECT_EQ(r.result.texts[0][1].events, 0);
    EXPECT_THAT(r.plan.scanned[1].facts.findings,
                ElementsAre(HasSubstr("expected events, got none")));
    const Json json = r.json();
    EXPECT_EQ(json["streams"][1]["coverage"], 0.0);
    EXPECT_EQ(json["recordings"][0]["start"], 0.0);
    EXPECT_EQ(json["recordings"][0]["end"], 4.0);
    // Alone, nothing says when it is.
    expect_error(ErrorKind::data, "its text has no events, and no other stream says when it is",
                 [&] { r.write("stream,file\nwords,w.csv\n"); });
    r.add("e.csv", "start,end\n0,1\n");
    r.options.window_ns = 0;
    r.options.events_path = r.path("e.csv");
    EXPECT_EQ(r.write("stream,file\nwords,w.csv\n"), "id,t_start,t_end,words\n0,0,1,\n");
  }
}

TEST(session_text, bad_files_are_absent) {
  Recording r;
  r.add("bad.csv", "start,end,word\n1,2,a\n0.5,1,b\n");
  const char* table = "clip,stream,file\np,x,x.csv\np,words,bad.csv\nq,x,x.csv\nq,words,bad.csv\n";
  expect_error(ErrorKind::data, "bad.csv:3: start: expected a time that is not before that of",
               [&] { r.write(table); });
  r.options.skips_bad = true;
  EXPECT_THAT(r.write(table), HasSubstr("p_0,p,0,1,x.series.npy#0\n"));  // no recording has words
  const Json json = r.json();
  EXPECT_EQ(json["streams"][1]["unreadable"], 2);
  EXPECT_EQ(json["streams"][1]["text"]["windows"], 8);
  EXPECT_THAT(json["recordings"][1]["streams"][1]["problem"].get<std::string>(),
              HasSubstr("sort the rows by time"));
}

TEST(session_text, what_cannot_be_text) {
  Recording r;
  const auto refuse = [&](ErrorKind kind, const std::string& table, const char* message) {
    expect_error(kind, message, [&] { r.write(table); });
  };
  refuse(ErrorKind::usage, "stream,file\nx,x.csv\nwords,w.npy\n",
         "s.csv:3: words: expected a table of events with text (.csv, .tsv, .tab), got ");
  refuse(ErrorKind::usage, "stream,file,rate_hz\nwords,w.csv,4\n",
         "rate_hz: expected none for text");
  refuse(ErrorKind::usage, "stream,file,start\nwords,w.csv,4\n",
         "start: expected none, as the file");
  refuse(ErrorKind::usage, "stream,file,channels\nwords,w.csv,word;end\n",
         "channels: expected one column of text at most, got 2 (word, end); make a stream of each");
  refuse(ErrorKind::usage, "stream,file,channels\nwords,w.csv,wor\n", "unknown column 'wor'");
  refuse(ErrorKind::usage, "stream,file,tolerance\nwords,w.csv,1s\n",
         "s.csv:2: tolerance: expected a stream on ticks, got words, which is text");
  refuse(ErrorKind::data, "stream,file\nwords,x.csv\n",
         "x.csv: text: expected a column named as texts are (text, word, label, ...), got none "
         "besides start time; name it in the column \"channels\" of the table of streams");
  r.options.tolerances_ns["words"] = kMs;
  refuse(ErrorKind::usage, "stream,file\nwords,w.csv\n",
         "--tolerance: expected a stream on ticks, got words, which is text");
  r.options.tolerances_ns.clear();
  r.options.sync.pairs = {{"words", "x"}};
  refuse(ErrorKind::usage, "stream,file\nwords,w.csv\nx,x.csv\n",
         "--sync: expected sound, video or a series, got words, which is text");
  r.options.sync.pairs = {{"x", "words"}};
  refuse(ErrorKind::usage, "stream,file\nwords,w.csv\nx,x.csv\n",
         "--sync: expected sound, video or a series, got words, which is text");
  r.options.sync.pairs.clear();
  r.options.standardizes = true;
  refuse(ErrorKind::usage, "stream,file\nwords,w.csv\n",
         "--standardize: expected a stream with ticks to do that to, got none");
  r.options.standardizes = false;
  r.options.window_ns = 0;
  refuse(ErrorKind::usage, "stream,file\nwords,w.csv\n",
         "stream words: expected windows to take its text in (as given for the stream), got "
         "timelines");
}

}  // namespace
}  // namespace braid::align
