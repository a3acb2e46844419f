#include "align/media_stream.h"

#include "align/signals.h"
#include "core/file.h"
#include "formats/audio.h"
#include "formats/expect_error.h"
#include "formats/video_samples.h"

namespace braid::align {
namespace {

using braid::testing::ClipPlan;
using braid::testing::expect_error;
using signals::kMs;
using signals::kSecond;

TEST(media_stream, kinds_by_extension) {
  for (const char* path : {"a.wav", "b/c.FLAC", "talk.m4a", "clip.mp4#audio", "x.MKV#audio"})
    EXPECT_EQ(media_kind(path), MediaKind::sound) << path;
  for (const char* path :
       {"a.mp4", "a.avi", "a.mpg", "a.mpeg", "a.mov", "a.mkv", "a.webm", "take#2.mp4"})
    EXPECT_EQ(media_kind(path), MediaKind::video) << path;
  for (const char* path : {"a.csv", "run#t=x.csv", "a.npy", "a.wav#3", "a.txt", "mp4"})
    EXPECT_EQ(media_kind(path), MediaKind::none) << path;
}

TEST(media_stream, facts_of_sound_and_video) {
  TemporaryFolder folder;
  write_file_atomically(folder / "a.wav",
                        formats::encode_wav({std::vector<float>(150, 0.5f), 100}));
  const MediaFacts sound = read_media(folder / "a.wav");
  EXPECT_EQ(sound.count, 150);
  EXPECT_EQ(sound.rate_hz, 100);
  EXPECT_EQ(sound.end_ns, 1500 * kMs);
  ClipPlan plan;
  plan.container = "matroska";
  plan.audio_codec = "flac";
  plan.video_late_ms = 80;
  write_file_atomically(folder / "clip.mkv", braid::testing::make_clip(plan));
  const MediaFacts video = read_media(folder / "clip.mkv");
  EXPECT_EQ(video.kind, MediaKind::video);
  EXPECT_EQ(video.count, 50);
  EXPECT_NEAR(video.rate_hz, 25, 1e-9);
  EXPECT_EQ(video.start_ns, 80 * kMs);
  EXPECT_EQ(video.end_ns, 2080 * kMs);
  EXPECT_EQ(read_media(folder / "clip.mkv#audio").rate_hz, 44100);
  expect_error(ErrorKind::usage, "a.wav#t=0,1: expected a whole file, got a stretch of one",
               [&] { read_media(folder / "a.wav#t=0,1"); });
}

// 2 s of sound at 100 Hz.
TEST(media_stream, windows_on_the_clock_of_the_file) {
  MediaFacts media = {MediaKind::sound, 200, 100, 0, 2 * kSecond, ""};
  const auto cut = [&](int64_t start_ms, int64_t end_ms, int64_t zero_ms) {
    const Span span = cut_of(media, {start_ms * kMs, end_ms * kMs}, zero_ms * kMs);
    return std::pair(span.start_ns / kMs, span.end_ns / kMs);
  };
  const std::pair<int64_t, int64_t> none = {0, 0};
  EXPECT_EQ(cut(500, 1500, 0), (std::pair<int64_t, int64_t>{500, 1500}));
  EXPECT_EQ(cut(500, 1500, -250), (std::pair<int64_t, int64_t>{750, 1750}));
  EXPECT_EQ(cut(500, 1500, 1000), (std::pair<int64_t, int64_t>{0, 500}));  // clipped
  EXPECT_EQ(cut(1500, 2500, 0), (std::pair<int64_t, int64_t>{1500, 2000}));
  EXPECT_EQ(cut(2000, 3000, 0), none);
  EXPECT_EQ(cut(0, 1000, 1000), none);
  // Samples 50 (at 496 ms) to 50: none. Of a video it would be the frame shown then.
  EXPECT_EQ(cut(496, 499, 0), none);
  EXPECT_EQ(cut(1996, 2000, 0), none);
  media.kind = MediaKind::video;
  EXPECT_EQ(cut(496, 499, 0), (std::pair<int64_t, int64_t>{496, 499}));
  media.start_ns = 80 * kMs;  // the first frame is late
  EXPECT_EQ(cut(0, 1000, 0), (std::pair<int64_t, int64_t>{80, 1000}));
}

TEST(media_stream, cells) {
  EXPECT_EQ(path_of_cut("a.wav", {0, 1234567891}), "a.wav#t=0,1.234567891");
  EXPECT_EQ(path_of_cut("c.mp4#audio", {1500 * kMs, 2 * kSecond}), "c.mp4#audio&t=1.5,2");
  const formats::MediaPath parsed = formats::parse_media_path(path_of_cut("a#b.wav", {1, 2}));
  EXPECT_EQ(parsed.file, "a#b.wav");
  EXPECT_EQ(parsed.from_s, 1e-9);
}

}  // namespace
}  // namespace braid::align
