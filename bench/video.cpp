// Video: all frames, and a few of many, on one and two threads. Prints CSV.
#include "formats/video.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "bench/commit.h"
#include "core/error.h"
#include "formats/video_samples.h"

namespace braid::bench {
namespace {

using formats::Video;
using formats::VideoOptions;

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double once_s(const std::function<void()>& work) {
  const double started = now_s();
  work();
  return now_s() - started;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Clip {
  std::string name, bytes;
  int64_t num_frames;
};

// The same frames by both ways, picture for picture.
void check_same(const Clip& clip, const VideoOptions& fast, const VideoOptions& slow) {
  const Video a = formats::decode_video(clip.bytes, clip.name, fast);
  const Video b = formats::decode_video(clip.bytes, clip.name, slow);
  BRAID_CHECK(a.frames.size() == b.frames.size() && !a.frames.empty(), internal,
              "{}: expected {} frames, got {}", clip.name, b.frames.size(), a.frames.size());
  for (size_t i = 0; i < a.frames.size(); ++i)
    BRAID_CHECK(a.frames[i].image.pixels == b.frames[i].image.pixels, internal,
                "{}: frame {}: expected the same picture by both ways", clip.name, i);
}

// Both ways in turn, so that a noisy machine slows both alike.
void measure(const Clip& clip, const char* what, const VideoOptions& options,
             const VideoOptions& reference, const char* against, int rounds) {
  check_same(clip, options, reference);
  std::vector<double> ours, theirs, ratios;
  for (int round = 0; round < rounds; ++round) {
    ours.push_back(once_s([&] { formats::decode_video(clip.bytes, clip.name, options); }));
    theirs.push_back(once_s([&] { formats::decode_video(clip.bytes, clip.name, reference); }));
    ratios.push_back(theirs.back() / ours.back());
  }
  const Video video = formats::decode_video(clip.bytes, clip.name, options);
  fmt::print("{},{},{},{},{},{:.3f},{:.0f},{},{:.3f},{:.2f},{}\n", clip.name, what, clip.num_frames,
             video.num_decoded, options.num_threads, 1e3 * median(ours),
             static_cast<double>(video.num_decoded) / median(ours), against, 1e3 * median(theirs),
             median(ratios), commit());
  std::fflush(stdout);
}

void run(bool is_smallest) {
  fmt::print(
      "clip,what,frames,decoded,threads,median_ms,decoded_per_s,against,against_ms,ratio,commit\n");
  const int rounds = is_smallest ? 1 : 11;
  for (const char* codec : {"mpeg4", "libx264"}) {
    testing::ClipPlan plan;
    plan.codec = codec;
    plan.num_frames = is_smallest ? 50 : 1500;
    plan.gop = 25;
    plan.width = 352;
    plan.height = 288;
    const Clip clip = {fmt::format("{} {}x{}", codec, plan.width, plan.height),
                       testing::make_clip(plan), plan.num_frames};
    if (clip.bytes.empty()) {
      fmt::print(stderr, "{}: this FFmpeg cannot write it; left out\n", codec);
      continue;
    }
    VideoOptions grey, colour, few, few_slow;
    grey.channels = 1;
    VideoOptions grey_slow = grey, colour_slow = colour, two = grey;
    grey_slow.skips_unneeded = colour_slow.skips_unneeded = false;
    measure(clip, "all frames in grey", grey, grey_slow, "the reference", rounds);
    measure(clip, "all frames in RGB", colour, colour_slow, "the reference", rounds);
    two.num_threads = 2;
    measure(clip, "all frames in grey", two, grey, "one thread", rounds);
    few = few_slow = grey;
    few.count = few_slow.count = 8;
    few_slow.skips_unneeded = false;
    measure(clip, "8 frames in grey", few, few_slow, "decoding all", rounds);
    VideoOptions stretch = grey, stretch_slow = grey;
    stretch.from_s = stretch_slow.from_s = plan.num_frames / 25.0 / 2;
    stretch.to_s = stretch_slow.to_s = stretch.from_s + 0.4;
    stretch_slow.skips_unneeded = false;
    measure(clip, "a stretch of 0.4 s in grey", stretch, stretch_slow, "decoding all", rounds);
  }
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  try {
    braid::bench::run(argc > 1 && std::strcmp(argv[1], "--smallest") == 0);
  } catch (const braid::Error& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}
