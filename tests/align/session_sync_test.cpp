#include "align/session_sync.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>

#include "align/clock_signals.h"
#include "align/session.h"
#include "align/session_json.h"
#include "core/file.h"
#include "formats/audio.h"
#include "formats/expect_error.h"
#include "formats/npy.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using signals::kMs;
using signals::kSecond;
using ::testing::HasSubstr;

// Recordings of a sound that is loud and a marker that moves at the same moments; the sound's file
// is late by an offset.
class Recordings {
 public:
  Recordings() {
    options.rate_hz = 10;
    options.sync.pairs = {{"sound", "marker"}};
  }
  void add(const std::string& key, double length_s, int64_t late_ms, uint64_t seed,
           bool is_in_the_middle = false) {
    const signals::Signal all = signals::bursts(length_s, seed);
    const signals::Signal bursts = [=](double t) {
      const double away = (t - 0.5 * length_s) / (0.2 * length_s);
      return is_in_the_middle ? (0.3 + all(t)) * std::exp(-0.5 * away * away) : all(t);
    };
    Rng random = Rng(seed).fork("sound");
    std::vector<float> samples;
    for (int i = 0; i < static_cast<int>(length_s * 1000); ++i)
      samples.push_back(static_cast<float>(
          (0.02 + 0.2 * bursts(0.001 * i - 0.001 * static_cast<double>(late_ms))) *
          random.normal()));
    write_file_atomically(folder_ / (key + ".wav"), formats::encode_wav({samples, 1000}));
    std::string csv = "time,x\n";
    double x = 0;
    for (int i = 0; i < static_cast<int>(length_s * 25); ++i) {
      csv += fmt::format("{},{:.6f}\n", 0.04 * i, x);
      x += 0.04 * bursts(0.04 * i + 0.02);
    }
    write_file_atomically(folder_ / (key + ".csv"), csv);
    rows_ += fmt::format("{0},sound,{0}.wav\n{0},marker,{0}.csv\n", key);
  }
  void add_row(const std::string& row) { rows_ += row; }
  const SyncFound& plan() {
    write_file_atomically(folder_ / "s.csv", rows_);
    table = read_stream_table(folder_ / "s.csv");
    planned = plan_session(table, options);
    return planned.syncs.at(0);
  }
  std::string path(const std::string& name) const { return folder_ / name; }

  SessionOptions options;
  StreamTable table;
  SessionPlan planned;

 private:
  TemporaryFolder folder_;
  std::string rows_ = "clip,stream,file\n";
};

TEST(session_sync, long_recordings_each_by_itself) {
  Recordings r;
  r.add("a", 60, 120, 1);
  r.add("b", 60, -80, 2);
  const SyncFound& found = r.plan();
  EXPECT_EQ(found.across, SyncAcross::each);
  EXPECT_EQ(found.num_moved, 2);
  EXPECT_EQ(found.reason, "");
  EXPECT_NEAR(seconds(found.recordings[0].own.offset_ns), 0.12, 0.01);
  EXPECT_NEAR(seconds(found.recordings[1].own.offset_ns), -0.08, 0.01);
  const ScannedStream sound = r.planned.scanned[0];
  EXPECT_EQ(sound.sync_ns, -found.recordings[0].own.offset_ns);
  EXPECT_EQ(sound.facts.first_ns, sound.sync_ns);
  EXPECT_EQ(sound.clock_offset_ns(), sound.sync_ns);
  EXPECT_EQ(r.planned.scanned[1].sync_ns, 0);
  // Values move with their times: at the tick of a sample there is that sample.
  r.options.methods[""] = "nearest";
  r.options.span = SpanKind::whole;
  r.plan();
  make_folders(r.path("out"));
  write_session(r.planned, r.path("out"));
  const formats::Table a = formats::read_table(r.path("out/a.csv"));
  const formats::Audio audio = formats::read_audio(r.path("a.wav"), 0);
  const int64_t row = 100;
  const double file_s = std::stod(std::string(a.cell(row, 0))) - seconds(sound.sync_ns);
  EXPECT_NEAR(std::stod(std::string(a.cell(row, a.column("sound.mono")))),
              audio.samples[static_cast<size_t>(std::llround(file_s * 1000))], 1e-6);
}

TEST(session_sync, short_recordings_together) {
  Recordings r;
  for (int i = 0; i < 30; ++i) r.add(fmt::format("c{}", i), 3, 200, 10 + static_cast<uint64_t>(i));
  const SyncFound& found = r.plan();
  EXPECT_LT(found.num_reliable, 15);
  EXPECT_EQ(found.across, SyncAcross::together);
  EXPECT_EQ(found.num_compared, 30);
  EXPECT_EQ(found.num_moved, 30);
  EXPECT_GE(found.num_near, 15);
  EXPECT_NEAR(seconds(found.together.offset_ns), 0.2, 0.02);
  for (const ScannedStream& scanned : r.planned.scanned)
    EXPECT_EQ(scanned.sync_ns, scanned.entry->stream == "sound" ? -found.together.offset_ns : 0);
  const Json json = plan_json(r.planned, "")["syncs"][0];
  EXPECT_EQ(json["asked"], "auto");
  EXPECT_EQ(json["across"], "together");
  EXPECT_EQ(json["moved"], 30);
  EXPECT_EQ(json["together"]["is_reliable"], true);
  EXPECT_EQ(json["recordings"].size(), 30u);
}

// A stretch of the file is found on the file's own clock.
TEST(session_sync, cuts_take_the_offset_off_again) {
  Recordings r;
  r.add("a", 60, 120, 3);
  r.options.methods["sound"] = "cut";
  r.options.window_ns = 10 * kSecond;
  r.options.span = SpanKind::whole;
  const int64_t late_ns = r.plan().recordings[0].own.offset_ns;
  make_folders(r.path("out"));
  write_session(r.planned, r.path("out"));
  const formats::Table manifest = formats::read_table(r.path("out/manifest.csv"));
  const formats::MediaPath cell =
      formats::parse_media_path(std::string(manifest.cell(2, manifest.column("sound"))));
  const double start_s = std::stod(std::string(manifest.cell(2, manifest.column("t_start"))));
  EXPECT_NEAR(cell.from_s, start_s + seconds(late_ns), 1e-9);
}

TEST(session_sync, what_is_not_reliable_keeps_its_times) {
  Recordings r;
  r.add("a", 60, 120, 4);
  r.add("b", 60, 0, 5);
  std::string still = "time,x\n";
  for (int i = 0; i < 1500; ++i) still += fmt::format("{},1\n", 0.04 * i);
  write_file_atomically(r.path("b.csv"), still);
  r.add("c", 60, 100, 6);
  r.add_row("d,sound,a.wav\n");
  const SyncFound& found = r.plan();
  EXPECT_EQ(found.across, SyncAcross::each);
  EXPECT_EQ(found.across_why, "2 of 3 recordings are reliable by themselves");
  EXPECT_EQ(found.num_moved, 2);
  EXPECT_THAT(found.reason, HasSubstr("b marker"));
  EXPECT_EQ(r.planned.scanned[2].sync_ns, 0);
  EXPECT_EQ(found.recordings[3].problem, "marker is not in the table");
  // One offset for all is for all, those without a reference too.
  r.options.sync.across = SyncAcross::together;
  const SyncFound& all = r.plan();
  EXPECT_EQ(all.across, SyncAcross::together);
  EXPECT_EQ(all.num_moved, all.together.is_reliable ? 4 : 0);
}

TEST(session_sync, nothing_in_common) {
  Recordings r;
  for (uint64_t i = 0; i < 4; ++i) {
    const std::string key = fmt::format("c{}", i);
    r.add(key, 3, 0, 100 + i);
    Recordings other;
    other.add(key, 3, 0, 200 + i);
    std::filesystem::copy_file(other.path(key + ".csv"), r.path(key + ".csv"),
                               std::filesystem::copy_options::overwrite_existing);
  }
  const SyncFound& found = r.plan();
  EXPECT_EQ(found.num_moved, 0);
  EXPECT_EQ(found.across, SyncAcross::none);
  EXPECT_THAT(found.reason, HasSubstr("0 of 4 recordings are reliable by themselves, and all "
                                      "together are not ("));
}

// Every clip is loud and moves in the middle; that alone does not say that they belong together.
TEST(session_sync, the_same_course_in_all_is_no_proof) {
  Recordings right, wrong;
  for (uint64_t i = 0; i < 30; ++i) {
    const std::string key = fmt::format("c{:02}", i);
    for (Recordings* r : {&right, &wrong}) r->add(key, 3, 150, 300 + i, /*is_in_the_middle=*/true);
  }
  for (uint64_t i = 0; i < 30; ++i)
    std::filesystem::copy_file(right.path(fmt::format("c{:02}.csv", i)),
                               wrong.path(fmt::format("c{:02}.csv", (i + 1) % 30)),
                               std::filesystem::copy_options::overwrite_existing);
  for (Recordings* r : {&right, &wrong}) r->options.sync.across = SyncAcross::together;
  const SyncFound& found = right.plan();
  EXPECT_GT(found.common_stream, 0.1);
  EXPECT_EQ(found.num_moved, 30);
  EXPECT_NEAR(seconds(found.together.offset_ns), 0.15, 0.02);
  EXPECT_EQ(wrong.plan().num_moved, 0);
}

TEST(session_sync, options_that_do_not_go_together) {
  Recordings r;
  r.add("a", 3, 0, 1);
  const auto refuse = [&](std::vector<std::pair<std::string, std::string>> pairs,
                          const char* message) {
    r.options.sync.pairs = std::move(pairs);
    expect_error(ErrorKind::usage, message, [&] { r.plan(); });
  };
  refuse({{"sund", "marker"}}, "--sync: unknown stream 'sund'; did you mean 'sound'?");
  refuse({{"sound", "sound"}}, "--sync: expected two streams, got sound twice");
  refuse({{"sound", "marker"}, {"sound", "marker"}},
         "--sync: expected one reference for sound, got two");
  refuse({{"sound", "marker"}, {"marker", "sound"}},
         "--sync: expected a reference that is not synced itself, got sound=marker");
  r.options.sync.max_offset_ns = 0;
  refuse({{"sound", "marker"}}, "--max-offset: expected above 0");
  EXPECT_EQ(parse_sync_across("auto"), SyncAcross::automatic);
  expect_error(ErrorKind::usage, "--sync-across: unknown name 'ech'; did you mean 'each'?",
               [] { parse_sync_across("ech"); });
}

}  // namespace
}  // namespace braid::align
