#include "formats/video.h"

#include <gmock/gmock.h>

#include "core/clones.h"
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
#ifndef BRAID_HAS_SANITIZER  // libx265 leaks
  add("matroska", "libx265", 10, 3);
#endif
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

// Made once: every test looks at the same files.
const std::vector<std::pair<std::string, std::string>>& all_clips() {
  static const auto* clips = [] {
    auto* made = new std::vector<std::pair<std::string, std::string>>;
    for (const auto& [kind, plan] : all_kinds()) {
      const std::string bytes = make_clip(plan);
      if (!bytes.empty()) made->emplace_back(kind, bytes);
    }
    return made;
  }();
  return *clips;
}

void expect_same(const Video& a, const Video& b, const std::string& what) {
  ASSERT_EQ(a.frames.size(), b.frames.size()) << what;
  for (size_t i = 0; i < a.frames.size(); ++i) {
    ASSERT_EQ(a.frames[i].time_ns, b.frames[i].time_ns) << what << " frame " << i;
    ASSERT_EQ(a.frames[i].wanted_ns, b.frames[i].wanted_ns) << what << " frame " << i;
    ASSERT_EQ(a.frames[i].is_damaged, b.frames[i].is_damaged) << what << " frame " << i;
    ASSERT_TRUE(a.frames[i].image.pixels == b.frames[i].image.pixels) << what << " frame " << i;
  }
}

std::vector<VideoOptions> all_choices() {
  std::vector<VideoOptions> choices = {grey(),      by_count(1),  by_count(3),
                                       by_count(8), by_count(70), at_rate(1),
                                       at_rate(7),  at_rate(25),  at_rate(60)};
  for (VideoOptions part : {grey(), by_count(4), at_rate(5)}) {
    part.from_s = 0.7;
    choices.push_back(part);
    part.to_s = 1.3;
    choices.push_back(part);
  }
  return choices;
}

void expect_skipping_changes_nothing(const std::string& bytes, const std::string& kind) {
  for (VideoOptions options : all_choices()) {
    const std::string what = fmt::format("{} rate {} count {} from {} to {}", kind, options.rate_hz,
                                         options.count, options.from_s, options.to_s);
    const Video skipping = decode_video(bytes, kind, options);
    options.skips_unneeded = false;
    const Video all = decode_video(bytes, kind, options);
    expect_same(skipping, all, what);
    EXPECT_LE(skipping.num_decoded, all.num_decoded + 1) << what;
  }
}

TEST(video, finds_every_frame_in_every_container) {
  ASSERT_GE(all_clips().size(), 10u);
  for (const auto& [kind, bytes] : all_clips()) {
    const Video video = decode_video(bytes, kind, grey());
    ASSERT_EQ(video.frames.size(), 50u) << kind;
    for (int i = 0; i < 50; ++i) {
      ASSERT_EQ(number_in(video.frames[i].image), i) << kind;
      const int64_t since_first_ns = video.frames[i].time_ns - video.frames[0].time_ns;
      ASSERT_NEAR(static_cast<double>(since_first_ns), i * 40e6, 1e3) << kind;
      ASSERT_EQ(video.frames[i].wanted_ns, video.frames[i].time_ns) << kind;
    }
    EXPECT_EQ(video.info.num_frames, 50) << kind;
    EXPECT_EQ(video.info.width, 128) << kind;
    EXPECT_EQ(video.info.height, 64) << kind;
    EXPECT_NEAR(video.info.rate_hz, 25, 0.02) << kind;
    EXPECT_NEAR(video.info.duration_s, 2, 1e-3) << kind;
    EXPECT_EQ(video.info.start_ns, video.frames[0].time_ns) << kind;
    EXPECT_EQ(video.num_damaged, 0) << kind;
    EXPECT_FALSE(video.info.is_truncated) << kind << ": " << video.info.note;
    const VideoInfo info = decode_video_info(bytes, kind);
    EXPECT_EQ(info.num_frames, 50) << kind;
    EXPECT_EQ(info.start_ns, video.info.start_ns) << kind;
  }
}

TEST(video, skipping_gives_what_decoding_everything_gives) {
  for (const auto& [kind, bytes] : all_clips()) expect_skipping_changes_nothing(bytes, kind);
}

TEST(video, threads_change_no_bit) {
  for (const auto& [kind, bytes] : all_clips()) {
    for (VideoOptions options : {grey(), by_count(3), at_rate(3)}) {
      const Video one = decode_video(bytes, kind, options);
      for (int num_threads : {2, 5, 0}) {
        options.num_threads = num_threads;
        expect_same(one, decode_video(bytes, kind, options), kind);
      }
    }
  }
}

// Of 200 frames with a key frame every ten, the middles of the quarters: 1 s is frame 25, and so
// on.
TEST(video, decodes_little_of_what_is_not_wanted) {
  ClipPlan plan;
  plan.num_frames = 200;
  plan.gop = 10;
  const Video video = decode_video(make_clip(plan), "x.mp4", by_count(4));
  EXPECT_EQ(numbers_in(video), (std::vector<int>{25, 75, 125, 175}));
  EXPECT_LE(video.num_decoded, 4 * 7);  // from a key frame to the one behind the wanted
}

// Frames at 0, 100, 150, 400, 430 and 900 ms; the last one's time is a frame's, 40 ms.
TEST(video, takes_the_frame_shown_at_each_moment) {
  ClipPlan plan;
  plan.container = "matroska";
  plan.times_ms = {0, 100, 150, 400, 430, 900};
  plan.num_frames = 6;
  plan.gop = 2;
  const std::string bytes = make_clip(plan);
  const Video tenths = decode_video(bytes, "x.mkv", at_rate(10));
  EXPECT_EQ(numbers_in(tenths), (std::vector<int>{0, 1, 2, 2, 3, 4, 4, 4, 4, 5}));
  EXPECT_EQ(tenths.frames[8].wanted_ns, 800000000);
  EXPECT_EQ(tenths.frames[8].time_ns, 430000000);
  // The middles of 470 ms twice: 235 and 705.
  EXPECT_EQ(numbers_in(decode_video(bytes, "x.mkv", by_count(2))), (std::vector<int>{2, 4}));
  VideoOptions part = at_rate(4);
  part.from_s = 0.15;
  part.to_s = 0.7;
  EXPECT_EQ(numbers_in(decode_video(bytes, "x.mkv", part)), (std::vector<int>{2, 3, 4}));
  part.rate_hz = 0;
  EXPECT_EQ(times_ms(decode_video(bytes, "x.mkv", part)), (std::vector<double>{150, 400, 430}));
  part.count = 3;  // 150 to 700 ms: 241.7, 425, 608.3
  EXPECT_EQ(numbers_in(decode_video(bytes, "x.mkv", part)), (std::vector<int>{2, 3, 4}));
  expect_skipping_changes_nothing(make_clip([] {
                                    ClipPlan uneven;
                                    uneven.container = "matroska";
                                    uneven.codec = "mpeg4";
                                    uneven.num_b_frames = 2;
                                    uneven.gop = 7;
                                    for (int i = 0; i < 50; ++i)
                                      uneven.times_ms.push_back(i * 40 + (i * i) % 23);
                                    return uneven;
                                  }()),
                                  "uneven");
}

// Matroska rounds to milliseconds: at 30 frames a second frame 2 is at 67, after the moment 66.7.
TEST(video, rounded_times_repeat_no_frame) {
  ClipPlan plan;
  plan.container = "matroska";
  plan.rate_hz = 30;
  const Video video = decode_video(make_clip(plan), "x.mkv", at_rate(30));
  ASSERT_EQ(video.frames.size(), 50u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(number_in(video.frames[i].image), i);
}

TEST(video, both_tracks_share_one_zero) {
  for (const char* container : {"matroska", "mpegts"}) {
    ClipPlan plan;
    plan.container = container;
    plan.codec = "mpeg2video";
    plan.audio_codec = "mp2";
    plan.video_late_ms = 500;
    const std::string bytes = make_clip(plan);
    const VideoInfo info = decode_video_info(bytes, container);
    EXPECT_TRUE(info.has_audio);
    EXPECT_EQ(info.audio_rate_hz, 44100);
    EXPECT_EQ(info.audio_channels, 1);
    // The coder's own delay of 481 samples comes before the sound: 10.9 ms.
    EXPECT_NEAR(static_cast<double>(info.start_ns), 510.9e6, 1.1e6) << container;
    // What is shown before the first frame is the first frame.
    const Video video = decode_video(bytes, container, at_rate(4));
    EXPECT_EQ(numbers_in(video), (std::vector<int>{0, 0, 0, 5, 12, 18, 24, 30, 37, 43, 49}));
    EXPECT_EQ(video.frames[0].wanted_ns, 0);
    EXPECT_EQ(video.frames[0].time_ns, info.start_ns);
    expect_skipping_changes_nothing(bytes, container);
  }
}

// y 120, u 90, v 180 by hand. Limited range, BT.601: l = 1.164 (y - 16) = 121.09,
// r = l + 1.596 * 52 = 204.1, g = l - 0.392 * (-38) - 0.813 * 52 = 93.7, b = l + 2.017 * (-38)
// = 44.4.
TEST(video, honours_range_and_matrix) {
  const auto colour = [](bool is_full_range, bool is_bt709, int channels) {
    ClipPlan plan;
    plan.container = "matroska";
    plan.codec = "ffv1";
    plan.num_frames = 1;
    plan.is_coloured = true;
    plan.is_full_range = is_full_range;
    plan.is_bt709 = is_bt709;
    VideoOptions options;
    options.channels = channels;
    return braid::testing::pixel(decode_video(make_clip(plan), "x", options).frames[0].image, 9, 9);
  };
  const auto expect_near = [](const std::vector<int>& got, const std::vector<double>& expected) {
    ASSERT_EQ(got.size(), expected.size());
    for (size_t c = 0; c < got.size(); ++c) EXPECT_NEAR(got[c], expected[c], 1.5) << c;
  };
  expect_near(colour(false, false, 3), {204.1, 93.7, 44.4});
  // BT.709: 1.793, 0.213, 0.533, 2.112.
  expect_near(colour(false, true, 3), {121.1 + 93.2, 121.1 + 8.1 - 27.7, 121.1 - 80.3});
  // Full range: 1.402, 0.344, 0.714, 1.772.
  expect_near(colour(true, false, 3), {120 + 72.9, 120 + 13.1 - 37.1, 120 - 67.3});
  expect_near(colour(false, false, 1), {121.1});
  expect_near(colour(true, false, 1), {120});
}

// Frame i begins at i * 40 ms.
TEST(video, paths_with_a_stretch) {
  ClipPlan plan;
  TemporaryFolder folder;
  const std::string path = folder / "clip.mp4";
  write_file_atomically(path, make_clip(plan));
  EXPECT_EQ(numbers_in(read_video(path + "#t=0.4,0.52", grey())), (std::vector<int>{10, 11, 12}));
  EXPECT_EQ(numbers_in(read_video(path + "#t=1.9", grey())), (std::vector<int>{48, 49}));
  // At a rate and by count the frames shown; half a frame is enough.
  EXPECT_EQ(numbers_in(read_video(path + "#t=0.41,0.57", at_rate(10))), (std::vector<int>{10, 12}));
  EXPECT_EQ(numbers_in(read_video(path + "#t=0.41,0.43", by_count(2))), (std::vector<int>{10, 10}));
  const VideoInfo part = video_info(path + "#t=0.41,0.53");
  EXPECT_EQ(part.num_frames, 3);
  EXPECT_EQ(part.start_ns, 440000000);
  EXPECT_DOUBLE_EQ(part.duration_s, 0.09);
  EXPECT_EQ(video_info(path + "#t=1.9,7").duration_s, 0.08);
  EXPECT_EQ(video_info(path).num_frames, 50);
  const std::string none =
      "expected a frame that begins from 0.41 s to 0.43 s, got none of the 50 "
      "from 0 s to 2 s";
  EXPECT_THAT(error_of(ErrorKind::data, [&] { read_video(path + "#t=0.41,0.43", grey()); }),
              HasSubstr(none));
  EXPECT_THAT(error_of(ErrorKind::data, [&] { video_info(path + "#t=0.41,0.43"); }),
              HasSubstr(none));
  EXPECT_THAT(error_of(ErrorKind::data, [&] { read_video(path + "#t=2", by_count(1)); }),
              HasSubstr("clip.mp4#t=2: range: expected frames"));
  VideoOptions twice = grey();
  twice.to_s = 1;
  EXPECT_THAT(error_of(ErrorKind::usage, [&] { read_video(path + "#t=0,1", twice); }),
              HasSubstr("expected none with a path that names a stretch, got 0 and 1"));
  EXPECT_THAT(error_of(ErrorKind::usage, [&] { read_video(path + "#audio", grey()); }),
              HasSubstr("expected a video, got the sound of one"));
}

TEST(video, scales_and_turns_upright) {
  ClipPlan plan;
  plan.num_frames = 30;
  const std::string bytes = make_clip(plan);
  const auto size = [&](const std::string& clip, int height, int width) {
    VideoOptions options = by_count(2);
    options.height = height;
    options.width = width;
    const Video video = decode_video(clip, "x", options);
    EXPECT_EQ(number_in(video.frames[1].image), 22);
    const Image& image = video.frames[1].image;
    EXPECT_EQ(image.pixels.size(), static_cast<size_t>(image.width) * image.height);
    return std::pair(image.width, image.height);
  };
  EXPECT_EQ(size(bytes, 0, 0), std::pair(128, 64));
  EXPECT_EQ(size(bytes, 32, 0), std::pair(64, 32));
  EXPECT_EQ(size(bytes, 0, 77), std::pair(77, 39));  // 38.5
  EXPECT_EQ(size(bytes, 50, 50), std::pair(50, 50));
  // A quarter turn clockwise: the picture's x axis points down, its y axis to the left.
  plan.matrix = {0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30};
  const std::string turned = make_clip(plan);
  VideoOptions options = grey();
  options.width = 32;
  const Video video = decode_video(turned, "x", options);
  EXPECT_EQ(video.info.orientation, 6);
  EXPECT_EQ(std::pair(video.info.width, video.info.height), std::pair(64, 128));
  const Image& image = video.frames[5].image;
  EXPECT_EQ(std::pair(image.width, image.height), std::pair(32, 64));
  // Bit i of the number, from the left, is now the i-th from the top.
  for (int bit = 0; bit < 8; ++bit)
    EXPECT_EQ(braid::testing::pixel(image, 20, 8 * bit + 4)[0] > 125, 5 >> bit & 1) << bit;
}

}  // namespace
}  // namespace braid::formats
