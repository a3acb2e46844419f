#include "formats/video.h"

#include <gmock/gmock.h>

#include "formats/media_samples.h"
#include "formats/video_samples.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

using braid::testing::ClipPlan;
using braid::testing::error_of;
using braid::testing::make_clip;
using braid::testing::number_in;
using ::testing::HasSubstr;
using ::testing::StartsWith;

VideoOptions grey() {
  VideoOptions options;
  options.channels = 1;
  return options;
}
VideoOptions by_count(int64_t count) {
  VideoOptions options = grey();
  options.count = count;
  return options;
}
VideoOptions at_rate(double rate_hz) {
  VideoOptions options = grey();
  options.rate_hz = rate_hz;
  return options;
}

std::vector<int> numbers_in(const Video& video) {
  std::vector<int> numbers;
  for (const Frame& frame : video.frames) numbers.push_back(number_in(frame.image));
  return numbers;
}

std::vector<double> times_ms(const Video& video) {
  std::vector<double> times;
  for (const Frame& frame : video.frames) times.push_back(static_cast<double>(frame.time_ns) / 1e6);
  return times;
}

// The containers and coders of this world: with and without B-frames, an index, closed groups.
std::vector<std::pair<std::string, ClipPlan>> all_kinds() {
  std::vector<std::pair<std::string, ClipPlan>> kinds;
  const auto add = [&](const char* container, const char* codec, int gop, int num_b_frames,
                       const char* audio = "") {
    ClipPlan plan;
    plan.container = container;
    plan.codec = codec;
    plan.gop = gop;
    plan.num_b_frames = num_b_frames;
    plan.audio_codec = audio;
    kinds.emplace_back(fmt::format("{} {} gop {} b {}", container, codec, gop, num_b_frames), plan);
  };
  add("mp4", "mpeg4", 12, 0);
  add("mp4", "mpeg4", 5, 2, "aac");
  add("mp4", "libx264", 10, 3, "aac");
  add("mp4", "libx264", 1, 0);
  add("mov", "libx264", 250, 2);
  add("matroska", "libx264", 8, 2, "mp2");
  add("matroska", "libx265", 10, 3);
  add("matroska", "mpeg2video", 9, 2);
  add("webm", "libvpx", 10, 0);
  add("avi", "mpeg4", 12, 0, "mp2");
  add("avi", "mpeg4", 12, 2);
  add("avi", "mjpeg", 1, 0);
  add("flv", "flv", 12, 0);
  add("mpeg", "mpeg1video", 12, 0, "mp2");
  add("mpeg", "mpeg1video", 12, 2, "mp2");
  add("vob", "mpeg2video", 15, 2, "mp2");
  add("mpegts", "mpeg2video", 6, 2, "mp2");
  add("mpegts", "libx264", 10, 3, "mp2");
  add("mpeg1video", "mpeg1video", 12, 2);
  add("h264", "libx264", 12, 2);
  add("nut", "mpeg4", 12, 2);
  return kinds;
}

TEST(video, DEBUG) {
  for (const auto& [kind, plan] : all_kinds()) {
    try {
      const std::string bytes = make_clip(plan);
      const Video v = decode_video(bytes, kind, grey());
      const Video c = decode_video(bytes, kind, by_count(4));
      const auto n = numbers_in(v);
      int wrong = 0;
      for (size_t i = 0; i < n.size(); ++i) wrong += n[i] != static_cast<int>(i);
      printf("%-36s %zu frames wrong %d first %lld last %lld info n %lld rate %.3f dur %.3f start %lld audio %d dmg %lld cut %d %s | count decoded %lld:", kind.c_str(), v.frames.size(), wrong, (long long)v.frames[0].time_ns,(long long)v.frames.back().time_ns, (long long)v.info.num_frames, v.info.rate_hz, v.info.duration_s, (long long)v.info.start_ns, v.info.has_audio, (long long)v.num_damaged, v.info.is_truncated, v.info.note.c_str(), (long long)c.num_decoded);
      for (int x : numbers_in(c)) printf(" %d", x);
      printf("\n");
    } catch (const std::exception& e) { printf("%s: %s\n", kind.c_str(), e.what()); }
  }
}

}  // namespace
}  // namespace braid::formats
