#include "align/session_cut.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "align/session_json.h"
#include "align/signals.h"
#include "core/file.h"
#include "formats/audio.h"
#include "formats/expect_error.h"
#include "formats/table.h"
#include "formats/video.h"
#include "formats/video_samples.h"

namespace braid::align {
namespace {

using braid::testing::expect_error;
using signals::kMs;
using signals::kSecond;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// 3 s of sound at 100 Hz, a video of 2 s at 25 Hz, a series of 4 s at 4 Hz.
class Recording {
 public:
  Recording() {
    make_folders(folder_ / "data");
    std::vector<float> ramp;
    for (int i = 0; i < 300; ++i) ramp.push_back(static_cast<float>(i) / 512);
    add("data/a.wav", formats::encode_wav({ramp, 100}));
    add("data/v.mp4", braid::testing::make_clip({}));
    std::string x = "time,x\n";
    for (int i = 0; i < 16; ++i) x += fmt::format("{},{}\n", 0.25 * i, i);
    add("data/x.csv", x);
    add("e.csv", "start,end,label\n0,1,a\n1.5,2.5,b\n2.8,3.8,c\n3.5,4,d\n");
    options.events_path = path("e.csv");
    options.methods["sound"] = "cut";
  }
  void add(const std::string& name, const std::string& bytes) {
    write_file_atomically(path(name), bytes);
  }
  std::string path(const std::string& name) const { return folder_ / name; }

  // The manifest that is written to `out`.
  std::string write(const std::string& table, const std::string& out = "out") {
    add("data/s.csv", table);
    streams = read_stream_table(path("data/s.csv"));
    plan = plan_session(streams, options);
    make_folders(path(out));
    result = write_session(plan, path(out));
    return read_file(path(out) + "/manifest.csv");
  }

  SessionOptions options;
  StreamTable streams;
  SessionPlan plan;
  SessionResult result;

 private:
  TemporaryFolder folder_;
};

TEST(session_cut, cells_name_stretches) {
  Recording r;
  EXPECT_EQ(r.write("stream,file\nsound,a.wav\nvideo,v.mp4\n"),
            "id,t_start,t_end,label,sound,video\n"
            "0,0,1,a,\"../data/a.wav#t=0,1\",\"../data/v.mp4#t=0,1\"\n"
            "1,1.5,2.5,b,\"../data/a.wav#t=1.5,2.5\",\"../data/v.mp4#t=1.5,2\"\n"
            "2,2.8,3.8,c,\"../data/a.wav#t=2.8,3\",\n"
            "3,3.5,4,d,,\n");
  EXPECT_EQ(r.result.samples_without_any, 1);
  const CutStats& sound = r.result.cuts[0][0];
  EXPECT_EQ(sound.whole, 2);
  EXPECT_EQ(sound.partly, 1);
  EXPECT_EQ(sound.without, 1);
  EXPECT_NEAR(sound.least, 0.2, 1e-9);
  EXPECT_NEAR(sound.coverage(), 2.2 / 3.5, 1e-9);
  const std::vector<double> shares = r.result.cuts[0][1].shares;
  EXPECT_THAT(shares, ElementsAre(1, DoubleNear(0.5, 1e-9), 0, 0));
  EXPECT_FALSE(file_exists(r.path("out/sound.series.npy")));
  // What the cells name can be read, and is what the window asked for.
  const std::vector<float> samples =
      formats::read_audio(r.path("out/../data/a.wav#t=1.5,2.5"), 0).samples;
  ASSERT_EQ(samples.size(), 100u);
  EXPECT_NEAR(samples[0], 150.0 / 512, 1e-4);
}

// The table's offset and start are taken off again.
TEST(session_cut, offsets_are_taken_off) {
  Recording r;
  EXPECT_THAT(r.write("stream,file,offset,start\nsound,a.wav,0.000000001,1\nvideo,v.mp4,-250ms,\n"),
              HasSubstr("1,1.5,2.5,b,\"../data/a.wav#t=0.499999999,1.499999999\","
                        "\"../data/v.mp4#t=1.75,2\"\n"));
  EXPECT_EQ(r.plan.scanned[0].facts.first_ns, kSecond + 1);
  EXPECT_EQ(r.plan.scanned[1].facts.first_ns, -250 * kMs);
}

TEST(session_cut, beside_streams_on_ticks) {
  Recording r;
  r.options.rate_hz = 2;
  const std::string manifest = r.write("stream,file\nx,x.csv\nvideo,v.mp4\nsound,a.wav\n");
  EXPECT_THAT(manifest,
              HasSubstr("0,0,1,a,x.series.npy#0,\"../data/v.mp4#t=0,1\",\"../data/a.wav#t=0,1\"\n"
                        "1,1.5,2.5,b,x.series.npy#1,"));
  const Json json = session_json(r.plan, r.result, "braid align");
  EXPECT_EQ(json["streams"][1]["method"], "cut");
  EXPECT_EQ(json["streams"][1]["method_why"], "video has no value at a tick");
  EXPECT_EQ(json["streams"][1]["rows"], 50);
  EXPECT_EQ(json["streams"][1]["samples_without"], 2);
  EXPECT_EQ(json["streams"][2]["cut"]["partly"], 1);
  EXPECT_FALSE(json["streams"][1].contains("staleness"));
  EXPECT_EQ(json["recordings"][0]["streams"][1]["cut"]["shares"][0], 1.0);
  EXPECT_EQ(json["recordings"][0]["streams"][1]["lane"].size(), 300u);
  EXPECT_TRUE(json["streams"][0].contains("staleness"));
  // Sound alone goes on ticks as ever, and a video's sound is sound.
  r.options.methods.clear();
  EXPECT_THAT(r.write("stream,file\nsound,a.wav\n", "ticks"), HasSubstr("sound.series.npy#0"));
  braid::testing::ClipPlan plan;
  plan.container = "matroska";
  plan.audio_codec = "flac";
  r.add("data/v.mkv", braid::testing::make_clip(plan));
  EXPECT_THAT(r.write("stream,file\nv,v.mkv#audio\n", "track"), HasSubstr("v.series.npy#0"));
  EXPECT_THAT(r.write("stream,file,method\nv,v.mkv#audio,cut\n", "both"),
              HasSubstr("\"../data/v.mkv#audio&t=0,1\"\n"));
}

TEST(session_cut, fixed_windows_fill_the_common_span) {
  Recording r;
  r.options.events_path.clear();
  r.options.window_ns = kSecond;
  EXPECT_EQ(r.write("stream,file\nsound,a.wav\nvideo,v.mp4\n"),
            "id,t_start,t_end,sound,video\n"
            "0,0,1,\"../data/a.wav#t=0,1\",\"../data/v.mp4#t=0,1\"\n"
            "1,1,2,\"../data/a.wav#t=1,2\",\"../data/v.mp4#t=1,2\"\n");
  EXPECT_EQ(r.result.cuts[0][1].whole, 2);
}

TEST(session_cut, absolute_paths_stay_absolute) {
  Recording r;
  const std::string file = r.path("data/a.wav");
  EXPECT_THAT(r.write("stream,file\nsound," + file + "\n"),
              HasSubstr("0,0,1,a,\"" + file + "#t=0,1\"\n"));
  // Behind a link to the folder that is written, the path still leads to the file.
  std::filesystem::create_directory_symlink(r.path("data"), r.path("link"));
  EXPECT_THAT(r.write("stream,file\nsound,../link/a.wav\n", "out2"),
              HasSubstr("../link/a.wav#t=0,1"));
  make_folders(r.path("deep/er"));
  std::filesystem::create_directory_symlink(r.path("deep/er"), r.path("short"));
  EXPECT_THAT(r.write("stream,file\nsound,a.wav\n", "short/out3"),
              HasSubstr("\"../../../data/a.wav#t=0,1\""));
}

TEST(session_cut, bad_files_are_absent) {
  Recording r;
  r.add("data/bad.wav", "RIFF");
  const char* table = "clip,stream,file\np,sound,a.wav\nq,sound,bad.wav\nq,video,v.mp4\n";
  r.add("e.csv", "clip,start,end\np,0,1\nq,0,1\n");
  expect_error(ErrorKind::format, "s.csv:3: q sound: ", [&] { r.write(table); });
  r.options.skips_bad = true;
  EXPECT_EQ(r.write(table),
            "id,clip,t_start,t_end,sound,video\np_0,p,0,1,\"../data/a.wav#t=0,1\",\n"
            "q_0,q,0,1,,\"../data/v.mp4#t=0,1\"\n");
  EXPECT_EQ(r.result.cuts[1][0].without, 1);
}

TEST(session_cut, what_cannot_be_cut) {
  Recording r;
  r.options.rate_hz = 2;
  const auto refuse = [&](ErrorKind kind, const std::string& table, const char* message) {
    expect_error(kind, message, [&] { r.write(table); });
  };
  refuse(ErrorKind::usage, "stream,file\nsound,x.csv\n",
         "s.csv:2: sound: expected sound or video to cut, got ");
  refuse(ErrorKind::data, "clip,stream,file\na,sound,a.wav\nb,sound,v.mp4\n",
         "s.csv:3: b sound: expected sound as line 2 has, got video (");
  refuse(ErrorKind::usage, "stream,file\nsound,\"a.wav#t=0,1\"\n", "expected a whole file");
  refuse(ErrorKind::data, "stream,file,rate_hz\nsound,a.wav,8000\n",
         "expected 8000 Hz as given, got 100 Hz said by the file");
  refuse(ErrorKind::usage, "stream,file,time_column\nsound,a.wav,t\n", "only tables have columns");
  r.options.tolerances_ns["sound"] = kMs;
  refuse(ErrorKind::usage, "stream,file\nsound,a.wav\n",
         "--tolerance: expected a stream on ticks, got sound, which is cut");
  r.options.tolerances_ns.clear();
  r.options.methods = {{"v", "mean"}};
  refuse(ErrorKind::usage, "stream,file\nv,v.mp4\n",
         "stream v: method: expected cut, got mean: video has no value at a tick");
  refuse(ErrorKind::usage, "stream,file,method\nw,v.mp4,mean\nv,a.wav,\n",
         "stream w: method: expected cut, got mean");
  r.options.methods = {{"", "mean"}};  // is for those that have ticks
  EXPECT_THAT(r.write("stream,file\nv,v.mp4\nx,x.csv\n"), HasSubstr("v.mp4#t=0,1"));
  r.options.events_path.clear();
  refuse(ErrorKind::usage, "stream,file\nv,v.mp4\n",
         "stream v: expected windows to cut it into (video has no value at a tick), got timelines");
}

}  // namespace
}  // namespace braid::align
