// What video does with files that are damaged, cut or no video at all, and with real clips.
#include <gmock/gmock.h>
#include <pthread.h>

#include <algorithm>
#include <system_error>
#include <thread>

#include "core/rng.h"
#include "formats/media_samples.h"
#include "formats/video.h"
#include "formats/video_samples.h"

namespace braid::formats {
namespace {

using braid::testing::ClipPlan;
using braid::testing::error_of;
using braid::testing::make_clip;
using braid::testing::media_file;
using braid::testing::number_in;
using ::testing::HasSubstr;
using ::testing::StartsWith;

VideoOptions grey(int64_t count = 0) {
  VideoOptions options;
  options.channels = 1;
  options.count = count;
  return options;
}

std::string clip(const char* container, const char* codec, int num_b_frames = 0) {
  ClipPlan plan;
  plan.container = container;
  plan.codec = codec;
  plan.num_b_frames = num_b_frames;
  if (plan.container != "flv") plan.audio_codec = "mp2";
  return make_clip(plan);
}

const std::vector<std::pair<const char*, const char*>> kKinds = {
    {"mp4", "mpeg4"},       {"mp4", "libx264"},    {"matroska", "libx264"}, {"avi", "mpeg4"},
    {"mpeg", "mpeg1video"}, {"mpegts", "libx264"}, {"flv", "flv"}};

TEST(video_damage, a_cut_file_gives_the_frames_up_to_there) {
  for (const auto& [container, codec] : kKinds) {
    const std::string bytes = clip(container, codec);
    if (bytes.empty()) continue;
    const Video whole = decode_video(bytes, "whole", grey());
    int num_partial = 0;
    for (int part = 1; part < 16; ++part) {
      const std::string cut = bytes.substr(0, bytes.size() * part / 16 - 1);
      try {
        const Video video = decode_video(cut, "cut", grey());
        EXPECT_TRUE(video.info.is_truncated) << container << " " << part;
        EXPECT_FALSE(video.info.note.empty());
        ASSERT_LE(video.frames.size(), whole.frames.size()) << container;
        num_partial += video.frames.size() > 2;
        for (size_t i = 0; i + 2 < video.frames.size(); ++i)
          ASSERT_EQ(number_in(video.frames[i].image), static_cast<int>(i))
              << container << " " << part;
      } catch (const Error& e) {
        EXPECT_EQ(e.kind(), ErrorKind::format) << e.what();
        EXPECT_THAT(e.what(), StartsWith("cut: "));
      }
    }
    // The frames of an MP4 are lost without the table at its end.
    EXPECT_GE(num_partial, container == std::string("mp4") ? 0 : 8) << container;
  }
}

TEST(video_damage, a_cut_mp4_with_its_table_in_front_gives_the_frames_up_to_there) {
  ClipPlan plan;
  plan.has_table_in_front = true;
  const std::string bytes = make_clip(plan);
  const Video video = decode_video(bytes.substr(0, bytes.size() * 2 / 3), "cut.mp4", grey());
  EXPECT_TRUE(video.info.is_truncated);
  EXPECT_THAT(video.info.note, StartsWith("box mdat: expected "));
  EXPECT_GT(video.frames.size(), 10u);
  EXPECT_LT(video.frames.size(), 50u);
  // By count, what is there is cut into equal parts.
  EXPECT_EQ(decode_video(bytes.substr(0, bytes.size() * 2 / 3), "cut.mp4", grey(4)).frames.size(),
            4u);
}

TEST(video_damage, is_counted_and_the_same_for_any_threads) {
  Rng rng(5);
  int num_seen = 0;
  for (const auto& [container, codec] : kKinds) {
    const std::string bytes = clip(container, codec, codec == std::string("flv") ? 0 : 2);
    if (bytes.empty()) continue;
    for (int round = 0; round < 12; ++round) {
      std::string broken = bytes;
      const size_t start = bytes.size() / 8 + rng.below(bytes.size() * 3 / 4);
      for (int k = 0; k < 6; ++k)
        broken[std::min(start + rng.below(200), bytes.size() - 1)] =
            static_cast<char>(rng.below(256));
      for (int64_t count : {0, 3}) {
        VideoOptions options = grey(count);
        try {
          const Video one = decode_video(broken, "x", options);
          num_seen += one.num_damaged > 0;
          EXPECT_FALSE(one.frames.empty());
          options.num_threads = 3;
          const Video three = decode_video(broken, "x", options);
          EXPECT_EQ(one.num_damaged, three.num_damaged)
              << container << " " << codec << " round " << round << " count " << count
              << " decoded " << one.num_decoded << " and " << three.num_decoded;
          ASSERT_EQ(one.frames.size(), three.frames.size());
          for (size_t i = 0; i < one.frames.size(); ++i)
            ASSERT_TRUE(one.frames[i].image.pixels == three.frames[i].image.pixels &&
                        one.frames[i].time_ns == three.frames[i].time_ns)
                << container << " " << codec << " " << round << " frame " << i;
        } catch (const Error& e) {
          EXPECT_EQ(e.kind(), ErrorKind::format) << e.what();
        }
      }
    }
  }
  EXPECT_GT(num_seen, 20);
}

TEST(video_damage, says_what_a_file_is_instead) {
  const auto message = [](const std::string& bytes, const char* name) {
    return error_of(ErrorKind::format, [&] { decode_video(bytes, name); });
  };
  EXPECT_EQ(message(media_file("tone.mp3"), "tone.mp3"),
            "tone.mp3: expected a video track, got audio only; name a file that has one, or leave "
            "the cell empty");
  EXPECT_THAT(message(media_file("tone.m4a"), "tone.m4a"), HasSubstr("expected a video track"));
  EXPECT_THAT(message("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n/etc/passwd\n", "a.m3u8"),
              HasSubstr("expected a container of video or sound, got hls"));
  EXPECT_THAT(message("ffconcat version 1.0\nfile /etc/passwd\n", "list.mp4"),
              HasSubstr("got concat"));
  EXPECT_THAT(message("", "empty.mp4"), StartsWith("empty.mp4: "));
  EXPECT_THAT(message("no video at all, just a line of text\n", "text.mp4"),
              StartsWith("text.mp4: "));
  const std::string png = encode_png([] {
    Image image;
    image.width = image.height = 8;
    image.channels = 1;
    image.pixels.assign(64, 7);
    return image;
  }());
  EXPECT_THAT(message(png, "picture.png"), HasSubstr("got png_pipe"));
  EXPECT_THAT(error_of(ErrorKind::format, [&] { decode_video_info(png, "picture.png"); }),
              StartsWith("picture.png: "));
  EXPECT_THAT(error_of(ErrorKind::io, [] { read_video("no/such.mp4"); }), HasSubstr("no/such.mp4"));
}

TEST(video_damage, limits_come_before_memory) {
  const std::string bytes = clip("mp4", "mpeg4");
  const auto message = [&](ErrorKind kind, const VideoOptions& options) {
    return error_of(kind, [&] { decode_video(bytes, "x.mp4", options); });
  };
  VideoOptions options;
  options.limits.max_pixels = 128 * 64 - 1;
  EXPECT_EQ(message(ErrorKind::format, options),
            "x.mp4: size: expected at most 8191 pixels, got 128x64; make it smaller or raise "
            "max_pixels");
  options = VideoOptions();
  options.limits.max_frames = 49;
  EXPECT_EQ(message(ErrorKind::format, options),
            "x.mp4: frames: expected at most 49, got more; cut the video or raise max_frames");
  options = VideoOptions();
  options.limits.max_duration_s = 1.5;
  EXPECT_EQ(message(ErrorKind::format, options),
            "x.mp4: duration: expected at most 1.5 s, got 2; cut it or raise max_duration_s");
  options = VideoOptions();
  options.limits.max_bytes = 50 * 128 * 64 * 3 - 1;
  EXPECT_THAT(message(ErrorKind::format, options), HasSubstr("bytes of pixels, got more"));
  options.count = 49;
  EXPECT_EQ(decode_video(bytes, "x.mp4", options).frames.size(), 49u);
  options = VideoOptions();
  options.rate_hz = 1e6;
  EXPECT_THAT(message(ErrorKind::format, options), HasSubstr("max_frames"));
  options = VideoOptions();
  options.height = options.width = 65535;
  EXPECT_THAT(message(ErrorKind::format, options), HasSubstr("got 65535x65535"));
}

// Pictures that grow midway: the track and the first five of 50 say that they are 32 high.
TEST(video_damage, max_bytes_holds_for_all_threads_together) {
  ClipPlan plan;
  plan.container = "mov";
  plan.codec = "mjpeg";
  std::string bytes = make_clip(plan);
  if (bytes.empty()) GTEST_SKIP() << "no encoder";
  bytes[bytes.find(std::string("\0\x80\0\x40", 4), bytes.find("stsd")) + 3] = 32;
  const std::string start_of_frame("\xFF\xC0\0\x11\x08\0\x40\0\x80", 9);
  for (int i = 0; i < 5; ++i) bytes[bytes.find(start_of_frame) + 6] = 32;
  VideoOptions options = grey();
  for (int64_t count : {0, 50}) {
    for (int num_threads : {1, 2, 5}) {
      options.count = count;
      options.num_threads = num_threads;
      options.limits.max_bytes = 5 * 32 * 128 + 45 * 64 * 128;
      EXPECT_EQ(decode_video(bytes, "x.mov", options).frames.size(), 50u);
      --options.limits.max_bytes;
      EXPECT_THAT(error_of(ErrorKind::format, [&] { decode_video(bytes, "x.mov", options); }),
                  HasSubstr("bytes of pixels, got more"))
          << count << " " << num_threads;
    }
  }
}

#ifdef __GLIBC__
// A stack larger than the address space: no thread can be had.
TEST(video_damage, is_decoded_without_threads_where_there_are_none) {
  const std::string bytes = clip("mp4", "mpeg4");
  VideoOptions options = grey();
  options.num_threads = 4;
  pthread_attr_t usual, huge;
  ASSERT_EQ(pthread_getattr_default_np(&usual), 0);
  ASSERT_EQ(pthread_attr_init(&huge), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&huge, size_t{1} << 60), 0);
  ASSERT_EQ(pthread_setattr_default_np(&huge), 0);
  EXPECT_THROW(std::thread([] {}).join(), std::system_error);
  size_t num_frames = 0;
  EXPECT_NO_THROW(num_frames = decode_video(bytes, "x.mp4", options).frames.size());
  EXPECT_EQ(num_frames, 50u);
  EXPECT_EQ(pthread_setattr_default_np(&usual), 0);
  pthread_attr_destroy(&usual);
  pthread_attr_destroy(&huge);
}
#endif

// One frame of an AVI lasts 2^31 - 1 seconds, so that the times of a few cannot be counted in
// nanoseconds.
TEST(video_damage, times_beyond_what_can_be_counted) {
  for (int num_b_frames : {0, 2}) {
    std::string bytes = clip("avi", "mpeg4", num_b_frames);
    const size_t at = bytes.find("vids") + 20;  // scale and rate in the stream's header
    bytes.replace(at, 8, std::string("\xFF\xFF\xFF\x7F\x01\0\0\0", 8));
    EXPECT_THAT(error_of(ErrorKind::format, [&] { decode_video(bytes, "x.avi", grey()); }),
                StartsWith("x.avi: duration: expected at most 14400 s, got "));
  }
}

TEST(video_damage, options_out_of_bounds) {
  const std::string bytes = clip("mp4", "mpeg4");
  const auto message = [&](ErrorKind kind, auto change) {
    VideoOptions options;
    change(&options);
    return error_of(kind, [&] { decode_video(bytes, "x", options); });
  };
  EXPECT_EQ(message(ErrorKind::usage,
                    [](VideoOptions* o) {
                      o->rate_hz = 1;
                      o->count = 1;
                    }),
            "x: expected a rate or a count of frames, got both; leave one at 0");
  EXPECT_EQ(message(ErrorKind::usage, [](VideoOptions* o) { o->rate_hz = -1; }),
            "x: rate_hz: expected 0 (every frame) to 1000000, got -1");
  EXPECT_EQ(message(ErrorKind::usage, [](VideoOptions* o) { o->channels = 2; }),
            "x: channels: expected 1 or 3, got 2");
  EXPECT_EQ(message(ErrorKind::usage,
                    [](VideoOptions* o) {
                      o->from_s = 1;
                      o->to_s = 1;
                    }),
            "x: from_s and to_s: expected 0 <= from_s < to_s, got 1 and 1");
  EXPECT_THAT(message(ErrorKind::data, [](VideoOptions* o) { o->from_s = 2.5; }),
              StartsWith("x: range: expected frames from 2.5 s to inf s, got a track from 0"));
  message(ErrorKind::usage, [](VideoOptions* o) { o->count = -1; });
  message(ErrorKind::usage, [](VideoOptions* o) { o->width = -1; });
  message(ErrorKind::usage, [](VideoOptions* o) { o->num_threads = -1; });
}

TEST(video_damage, nothing_is_printed) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  std::string bytes = clip("mp4", "mpeg4", 2);
  for (size_t at = 2000; at < 4000; at += 50) bytes[at] = 'x';
  VideoOptions options = grey();
  options.num_threads = 2;
  EXPECT_GT(decode_video(bytes, "x", options).num_damaged, 0);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

}  // namespace
}  // namespace braid::formats
