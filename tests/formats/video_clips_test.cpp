// Video on real clips: MPEG-1 program streams of talking faces, 360x288 at 25 frames a second, of
// which the dataset also holds lossless crops.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/file.h"
#include "formats/image.h"
#include "formats/table.h"
#include "formats/video.h"
#include "support/shared_folders.h"

namespace braid::formats {
namespace {

constexpr int kCropWidth = 60, kCropHeight = 36, kColumns = 15;

struct Clip {
  std::string id, video, sprite;
  int num_frames = 0, x = 0, y = 0;
};

std::vector<Clip> real_clips() {
  std::vector<Clip> clips;
  const std::string folder = braid::testing::data_folder() + "/grid_av/";
  if (folder == "/grid_av/" || !file_exists(folder + "manifest.csv")) return clips;
  const Table table = read_table(folder + "manifest.csv");
  const auto cell = [&](int64_t row, const char* name) {
    return std::string(table.cell(row, table.column(name)));
  };
  for (int64_t row = 0; row < table.num_rows(); ++row) {
    if (cell(row, "original_mpg").empty()) continue;
    Clip clip;
    clip.id = cell(row, "id");
    clip.video = folder + cell(row, "original_mpg");
    clip.sprite = folder + cell(row, "mouth");
    clip.num_frames = std::stoi(cell(row, "frames"));
    clip.x = std::stoi(cell(row, "crop_x"));
    clip.y = std::stoi(cell(row, "crop_y"));
    if (file_exists(clip.video)) clips.push_back(clip);
  }
  return clips;
}

VideoOptions grey() {
  VideoOptions options;
  options.channels = 1;
  return options;
}

// The crops are the luma at full range, as ours is: with the same inverse DCT not one level apart;
// one is allowed for another.
TEST(video_clips, equal_the_lossless_crops) {
  const std::vector<Clip> clips = real_clips();
  if (clips.empty()) GTEST_SKIP() << "no folder of real data";
  for (const Clip& clip : clips) {
    const Video video = read_video(clip.video, grey());
    ASSERT_EQ(video.frames.size(), static_cast<size_t>(clip.num_frames)) << clip.id;
    EXPECT_EQ(video.num_damaged, 0) << clip.id;
    EXPECT_FALSE(video.info.is_truncated) << clip.id << " " << video.info.note;
    EXPECT_EQ(video.info.num_frames, clip.num_frames);
    EXPECT_EQ(video.info.width, 360);
    EXPECT_EQ(video.info.height, 288);
    EXPECT_DOUBLE_EQ(video.info.rate_hz, 25);
    EXPECT_EQ(video.info.codec, "mpeg1video");
    EXPECT_EQ(video.info.audio_rate_hz, 44100);
    EXPECT_EQ(video.info.audio_channels, 2);
    const Image sprite = read_image(clip.sprite);
    ASSERT_EQ(sprite.width, kColumns * kCropWidth);
    int worst = 0;
    for (int i = 0; i < clip.num_frames; ++i) {
      EXPECT_EQ(video.frames[i].time_ns, i * int64_t{40000000});
      for (int y = 0; y < kCropHeight; ++y) {
        const int sprite_y = i / kColumns * kCropHeight + y;
        const uint8_t* theirs = sprite.pixels.data() +
                                static_cast<size_t>(sprite_y) * sprite.width +
                                static_cast<size_t>(i % kColumns) * kCropWidth;
        const uint8_t* ours =
            video.frames[i].image.pixels.data() + static_cast<size_t>(clip.y + y) * 360 + clip.x;
        for (int x = 0; x < kCropWidth; ++x) worst = std::max(worst, std::abs(ours[x] - theirs[x]));
      }
    }
    EXPECT_LE(worst, 1) << clip.id;
  }
}

TEST(video_clips, skipping_and_threads_change_nothing) {
  const std::vector<Clip> clips = real_clips();
  if (clips.empty()) GTEST_SKIP() << "no folder of real data";
  for (const Clip& clip : clips) {
    const std::string bytes = read_file(clip.video);
    for (const auto& [rate_hz, count] : std::vector<std::pair<double, int64_t>>{
             {0, 0}, {0, 1}, {0, 8}, {3, 0}, {25, 0}, {40, 0}}) {
      VideoOptions options = grey();
      options.rate_hz = rate_hz;
      options.count = count;
      const Video first = decode_video(bytes, clip.id, options);
      for (int num_threads : {1, 2}) {
        options.num_threads = num_threads;
        options.skips_unneeded = num_threads != 1;
        const Video other = decode_video(bytes, clip.id, options);
        ASSERT_EQ(first.frames.size(), other.frames.size());
        for (size_t i = 0; i < first.frames.size(); ++i) {
          ASSERT_EQ(first.frames[i].time_ns, other.frames[i].time_ns);
          ASSERT_TRUE(first.frames[i].image.pixels == other.frames[i].image.pixels)
              << clip.id << " " << rate_hz << " " << count << " frame " << i;
        }
      }
    }
  }
}

}  // namespace
}  // namespace braid::formats
