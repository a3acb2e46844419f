#include "align/session.h"

#include <cmath>
#include <filesystem>
#include <map>

#include "align/session_json.h"
#include "align/signals.h"
#include "core/file.h"
#include "formats/expect_error.h"
#include "formats/npy.h"
#include "support/shared_folders.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using signals::expect_values;
using signals::kSecond;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Files of a session in a folder of their own.
class Files {
 public:
  void add(const std::string& name, const std::string& text) {
    write_file_atomically(folder_ / name, text);
  }
  StreamTable table(const std::string& key = "") const {
    return read_stream_table(folder_ / "s.csv", key);
  }
  SessionPlan plan(const StreamTable& table, const SessionOptions& options) const {
    return plan_session(table, options);
  }
  std::string path(const std::string& name) const { return folder_ / name; }

 private:
  TemporaryFolder folder_;
};

// x: 0, 1, 2, ... at 4 Hz over 4 s; y: 10 times its time at 0, 1, 4 s.
void add_two(Files* files) {
  std::string x = "time,x\n";
  for (int i = 0; i < 16; ++i) x += fmt::format("{},{}\n", 0.25 * i, i);
  files->add("x.csv", x);
  files->add("y.csv", "time,y\n0,0\n1,10\n4,40\n");
  files->add("s.csv", "stream,file,tolerance\nx,x.csv,\ny,y.csv,1s\n");
}

SessionOptions at_rate(double rate_hz) {
  SessionOptions options;
  options.rate_hz = rate_hz;
  return options;
}

TEST(session, windows_as_arrays) {
  Files files;
  add_two(&files);
  SessionOptions options = at_rate(2);
  options.window_ns = 2 * kSecond;
  const StreamTable table = files.table();
  const SessionPlan plan = files.plan(table, options);
  // x is denser than the ticks, y is not; x ends at 3.75 s + a step.
  EXPECT_STREQ(plan.streams[0].method->name, "mean");
  EXPECT_EQ(plan.streams[0].why, "a median step of 250 ms is not longer than a tick's 500 ms");
  EXPECT_STREQ(plan.streams[1].method->name, "linear");
  EXPECT_EQ(plan.streams[1].tolerance_why, "as the table says");
  EXPECT_EQ(plan.num_samples, 2);
  EXPECT_EQ(plan.num_ticks, 4);
  make_folders(files.path("out"));
  const SessionResult result = write_session(plan, files.path("out"));
  const formats::NpyArray x = formats::read_npy(files.path("out/x.series.npy"));
  EXPECT_EQ(x.shape, (std::vector<int64_t>{2, 4, 1}));
  // A tick's mean is that of the half second after it.
  expect_values(x.values, {0.5, 2.5, 4.5, 6.5, 8.5, 10.5, 12.5, 14.5});
  // y: 3 s apart with a tolerance of 1 s, only the measurements themselves have a value.
  expect_values(formats::read_npy(files.path("out/y.series.npy")).values,
                {0, 5, 10, kNan, kNan, kNan, kNan, kNan});
  EXPECT_EQ(read_file(files.path("out/manifest.csv")),
            "id,t_start,t_end,x,y\n0,0,2,x.series.npy#0,y.series.npy#0\n1,2,4,x.series.npy#1,\n");
  const StreamStats& y = result.stats[0][1];
  EXPECT_EQ(y.with_value, 3);
  EXPECT_EQ(y.missing[static_cast<size_t>(Missing::gap)], 5);
  EXPECT_EQ(y.origins[static_cast<size_t>(Origin::interpolated)], 1);
  const Json report = session_json(plan, result, "braid align s.csv");
  EXPECT_EQ(report["streams"][1]["samples_without"], 1);
  EXPECT_EQ(report["recordings"][0]["streams"][1]["gaps"]["longest"][0]["length_s"], 2.5);
}

TEST(session, standardised_within_each_recording) {
  Files files;
  // Mean 2 and deviation 1; mean 100 and deviation 10; one that never changes.
  files.add("a.csv", "time,x\n0,1\n1,3\n2,1\n3,3\n");
  files.add("b.csv", "time,x\n0,90\n1,110\n2,\n3,90\n4,110\n");
  files.add("c.csv", "time,x\n0,5\n1,5\n");
  files.add("s.csv", "clip,stream,file\na,z,a.csv\nb,z,b.csv\nc,z,c.csv\n");
  SessionOptions options = at_rate(1);
  options.window_ns = 2 * kSecond;
  options.methods["z"] = "previous";
  options.standardizes = true;
  const StreamTable table = files.table();
  const SessionPlan plan = files.plan(table, options);
  make_folders(files.path("out"));
  const SessionResult result = write_session(plan, files.path("out"));
  expect_values(formats::read_npy(files.path("out/z.series.npy")).values,
                {-1, 1, -1, 1, -1, 1, 1, -1, 0, 0});
  EXPECT_EQ(session_json(plan, result, "braid align s.csv")["samples"]["standardized"], true);
}

TEST(session, timelines_by_key) {
  Files files;
  files.add("a.csv", "time,u,v\n0,1,2\n1,3,\n2,5,6\n");
  files.add("b.csv", "time,u,v\n10,1,1\n11,2,2\n");
  files.add("s.csv", "clip,stream,file,offset\na/1,z,a.csv,0.5\nb,z,b.csv,\n");
  SessionOptions options = at_rate(1);
  options.methods["z"] = "nearest";
  const StreamTable table = files.table();
  const SessionPlan plan = files.plan(table, options);
  make_folders(files.path("out"));
  write_session(plan, files.path("out"));
  EXPECT_EQ(read_file(files.path("out/a_1.csv")), "time,z.u,z.v\n0.5,1,2\n1.5,3,2\n2.5,5,6\n");
  EXPECT_EQ(read_file(files.path("out/manifest.csv")),
            "id,clip,t_start,t_end,timeline\na/1,a/1,0.5,3.5,a_1.csv\nb,b,10,12,b.csv\n");
}

TEST(session, events_of_unequal_length_are_filled_up) {
  Files files;
  add_two(&files);
  files.add("e.csv", "start,end,label\n0,1,up\n1,3,down\n9,10,up\n");
  SessionOptions options = at_rate(2);
  options.events_path = files.path("e.csv");
  options.methods[""] = "previous";
  const StreamTable table = files.table();
  const SessionPlan plan = files.plan(table, options);
  EXPECT_EQ(plan.padded_ticks, 4);
  make_folders(files.path("out"));
  const SessionResult result = write_session(plan, files.path("out"));
  expect_values(formats::read_npy(files.path("out/x.series.npy")).values,
                {0, 2, kNan, kNan, 4, 6, 8, 10, kNan, kNan, kNan, kNan});
  EXPECT_EQ(result.samples_without_any, 1);
  EXPECT_EQ(read_file(files.path("out/manifest.csv")),
            "id,t_start,t_end,label,x,y\n0,0,1,up,x.series.npy#0,y.series.npy#0\n"
            "1,1,3,down,x.series.npy#1,y.series.npy#1\n2,9,10,up,,\n");
}

TEST(session, bad_streams_are_errors_or_absent) {
  Files files;
  files.add("good.csv", "time,x\n0,1\n1,2\n2,3\n");
  files.add("one.csv", "time,x\n1,7\n");
  const std::map<std::string, std::pair<std::string, std::string>> bad = {
      {"empty", {"time,x\n", "expected samples, got none; leave the stream out as missing"}},
      {"blank", {"time,x\n0,\n1,nan\n", "expected measurements, got only gaps"}},
      {"back",
       {"time,x\n0,1\n1,2\n0.5,3\n1,4\n",
        "got 1 that go back and 0 that repeat, the "
        "first at row 3 (500 ms after 1 s); give --repair"}}};
  for (const auto& [name, file] : bad) {
    files.add(name + ".csv", file.first);
    files.add("s.csv", "stream,file\ng,good.csv\no,one.csv\nb," + name + ".csv\n");
    const StreamTable table = files.table();
    expect_error(ErrorKind::data, "s.csv:4: b: " + files.path(name + ".csv"),
                 [&] { files.plan(table, at_rate(1)); });
    expect_error(ErrorKind::data, file.second, [&] { files.plan(table, at_rate(1)); });
    SessionOptions skips = at_rate(1);
    skips.skips_bad = true;
    skips.span = SpanKind::whole;
    const SessionPlan plan = files.plan(table, skips);
    EXPECT_NE(plan.scanned[2].problem.find(file.second), std::string::npos);
    EXPECT_TRUE(plan.scanned[1].is_present());  // a single measurement is one
    make_folders(files.path("out_" + name));
    const SessionResult result = write_session(plan, files.path("out_" + name));
    EXPECT_EQ(result.stats[0][2].missing[static_cast<size_t>(Missing::absent)], 3);
    EXPECT_EQ(result.stats[0][1].with_value, 1);
  }
}

TEST(session, repairs_are_counted) {
  Files files;
  files.add("t.csv", "time,x\n0,1\n1,2\n0.5,3\n2,4\n2,5\n3,6\n");
  files.add("s.csv", "stream,file\nt,t.csv\n");
  SessionOptions options = at_rate(1);
  options.repairs = true;
  const StreamTable table = files.table();
  const SessionPlan plan = files.plan(table, options);
  const StreamFacts& facts = plan.scanned[0].facts;
  EXPECT_EQ(facts.file.rows, 6);
  EXPECT_EQ(facts.rows, 5);
  EXPECT_EQ(facts.repairs, (std::map<std::string, int64_t>{{"dropped, duplicated", 1},
                                                           {"reordered, unordered", 1}}));
}

TEST(session, options_that_do_not_go_together) {
  Files files;
  add_two(&files);
  const StreamTable table = files.table();
  const auto refuse = [&](const SessionOptions& options, ErrorKind kind, const char* message) {
    expect_error(kind, message, [&] { files.plan(table, options); });
  };
  refuse(at_rate(0), ErrorKind::usage,
         "--rate: expected how many ticks a second, got none; give --rate 25 or so");
  SessionOptions options = at_rate(1);
  options.hop_ns = kSecond;
  refuse(options, ErrorKind::usage, "--hop: expected --window with it, got none");
  options.window_ns = 9 * kSecond;
  refuse(options, ErrorKind::data,
         "expected samples, got none of 1 recording; the common span of 4 s is shorter than a "
         "window");
  options.events_path = "e.csv";
  refuse(options, ErrorKind::usage, "--window: expected fixed windows or --events, got both");
  options = at_rate(1);
  options.methods["z"] = "mean";
  refuse(options, ErrorKind::usage, "--method: unknown stream 'z'");
  options = at_rate(1);
  options.limit_bytes = 10;
  options.window_ns = kSecond;
  refuse(options, ErrorKind::data, "take a lower --rate, fewer windows");
}

TEST(session, recordings_have_the_same_channels) {
  Files files;
  files.add("a.csv", "time,u,v\n0,1,2\n1,3,4\n");
  files.add("b.csv", "time,u\n0,1\n1,3\n");
  files.add("s.csv", "clip,stream,file\na,z,a.csv\nb,z,b.csv\n");
  const StreamTable table = files.table();
  expect_error(ErrorKind::data, "expected 2 channels as " + files.path("a.csv") + " has, got 1 (u)",
               [&] { files.plan(table, at_rate(1)); });
}

// The manifest of this corpus counts the beats of each window on its own.
TEST(session, windows_of_a_wristband) {
  const std::string data = braid::testing::data_folder();
  const std::string folder = data + "/stress_e4";
  if (data.empty() || !std::filesystem::is_directory(folder))
    GTEST_SKIP() << "needs BRAID_DATA with stress_e4";
  SessionOptions options = at_rate(1);
  options.events_path = folder + "/manifest.csv";
  const StreamTable table = read_stream_table(folder + "/streams.csv", "participant");
  const SessionPlan plan = plan_session(table, options);
  ASSERT_EQ(plan.num_samples, 1489);
  const TemporaryFolder out;
  const SessionResult result = write_session(plan, out.path());
  const formats::Table made = formats::read_table(out / "manifest.csv");
  int64_t without = 0;
  for (int64_t row = 0; row < made.num_rows(); ++row) {
    const bool has_none = made.cell(row, made.column("ibi")).empty();
    if (has_none) ++without;
    EXPECT_EQ(has_none, made.cell(row, made.column("ibi_beats")) == "0") << "row " << row;
    EXPECT_FALSE(made.cell(row, made.column("split")).empty());
  }
  EXPECT_EQ(without, 249);
  EXPECT_EQ(result.samples_without_any, 0);
}

}  // namespace
}  // namespace braid::align
