#include <cmath>

#include "corrupted.h"

namespace braid::corruptions {
namespace {

data::Value late(data::Kind kind, data::Value value, double ms) {
  data::Sample sample;
  sample.where = "here:1";
  sample.values["x"] = std::move(value);
  find("late").change_sample({"x", kind, {"x"}}, ms, Rng(1), &sample);
  return sample.values["x"];
}

TEST(late, sound_begins_with_silence) {
  const formats::Audio sound = {{1, 2, 3, 4, 5}, 1000};
  EXPECT_EQ(std::get<formats::Audio>(late(data::Kind::audio, sound, 2)).samples,
            (std::vector<float>{0, 0, 1, 2, 3}));
  EXPECT_EQ(std::get<formats::Audio>(late(data::Kind::audio, sound, -2)).samples,
            (std::vector<float>{3, 4, 5, 0, 0}));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(late(data::Kind::audio, sound, 5)));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(late(data::Kind::audio, sound, -5)));
}

TEST(late, a_series_begins_with_gaps) {
  align::Series series;
  series.times_ns = {0, 100000000, 200000000, 300000000};
  series.channels = 2;
  series.values = {1, 10, 2, 20, 3, 30, 4, 40};
  const auto moved = std::get<align::Series>(late(data::Kind::series, series, 200));
  EXPECT_EQ(moved.times_ns, (std::vector<int64_t>{0, 200000000, 300000000}));
  EXPECT_TRUE(std::isnan(moved.values[0]) && std::isnan(moved.values[1]));
  EXPECT_EQ(moved.values[2], 1);
  EXPECT_EQ(moved.values[5], 20);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(late(data::Kind::series, series, 900)));
}

TEST(late, files_are_read_late_by_the_preparation) {
  const auto path = std::get<data::Path>(late(data::Kind::video, data::Path{"a.mp4#t=1,2", 0}, 80));
  EXPECT_EQ(path.path, "a.mp4#t=1,2");
  EXPECT_EQ(path.late_s, 0.08);
}

TEST(late, a_video_holds_its_first_frame) {
  formats::Video video;
  for (int i = 0; i < 4; ++i) {
    formats::Frame frame;
    frame.time_ns = i * int64_t{40000000};
    frame.image = plain_image(2, 1, 1, static_cast<uint8_t>(10 * i));
    video.frames.push_back(frame);
  }
  const auto moved = std::get<formats::Video>(late(data::Kind::video, video, 80));
  std::vector<int> shown;
  for (const formats::Frame& frame : moved.frames) shown.push_back(frame.image.pixels[0]);
  EXPECT_EQ(shown, (std::vector<int>{0, 0, 0, 10}));
}

}  // namespace
}  // namespace braid::corruptions
