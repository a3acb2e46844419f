#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/npy.h"
#include "manifests.h"
#include "media_set.h"

namespace braid::data {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;

// Arrays (frames, 6, 4): frame t of row i is `value(i, t)` all over.
struct VideoSet : Manifest {
  VideoSet() : Manifest("label,clip\nx,0.npy\ny,1.npy\nx,2.npy\ny,3.npy\n") {
    config.kinds = {{"clip", "video"}};
  }
  template <class F>
  void write_clips(int frames, const F& value) {
    for (int i = 0; i < 4; ++i) {
      std::vector<float> pixels;
      for (int t = 0; t < frames; ++t)
        pixels.insert(pixels.end(), 24, static_cast<float>(value(i, t)));
      write_file_atomically(folder / fmt::format("{}.npy", i),
                            formats::serialize_npy({frames, 6, 4}, pixels));
    }
  }
  Preparation learn(const Dataset& dataset) {
    return Preparation::learn(dataset, {0, 1, 2}, config_, 1, sinks);
  }
  PrepareConfig config_;
};

TEST(prepare_video, size_channels_and_statistics_come_from_training_rows) {
  VideoSet set;
  // Two dark and two bright frames of three training clips; the test clip is another grey.
  set.write_clips(4, [](int i, int t) { return i == 3 ? 51 : t < 2 ? 0 : 255; });
  const Dataset dataset = set.open();
  set.config_.video.frames = 4;
  const Preparation preparation = set.learn(dataset);
  const ModalitySpec& spec = preparation.specs()[0];
  EXPECT_EQ(spec.channels, 1);
  EXPECT_EQ(spec.height, 8);  // at least 8
  EXPECT_EQ(spec.width, 8);
  EXPECT_EQ(spec.max_length, 4);
  const Prepared first = preparation.prepare(dataset.sample(0), 0);
  ASSERT_EQ(first.length, 4);
  ASSERT_EQ(first.values.size(), 4u * 64);
  for (size_t i = 0; i < first.values.size(); ++i)
    EXPECT_NEAR(first.values[i], i < 128 ? -1 : 1, 1e-5);
  EXPECT_THAT(preparation.prepare(dataset.sample(3), 0).values, Each(FloatNear(-0.6f, 1e-5)));
}

TEST(prepare_video, frames_are_spread_over_the_whole) {
  VideoSet set;
  set.write_clips(20, [](int, int t) { return 10 * t; });
  set.config_.video.frames = 5;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const Prepared prepared = preparation.prepare(dataset.sample(0), 0);
  ASSERT_EQ(prepared.length, 5);
  // The middles of five parts of 20 s: 2, 6, 10, 14, 18 s; even steps between them.
  const size_t plane = prepared.values.size() / 5;
  for (size_t k = 2; k < 5; ++k)
    EXPECT_NEAR(prepared.values[k * plane] - prepared.values[(k - 1) * plane],
                prepared.values[plane] - prepared.values[0], 1e-5);
}

TEST(prepare_video, at_a_rate_longer_ones_are_cut_as_crop_says) {
  VideoSet set;
  set.write_clips(9, [](int, int t) { return 3 * t * t; });
  set.config_.video.frames = 4;
  set.config_.video.rate_hz = 1;
  const Dataset dataset = set.open();
  // Squares of 0 to 3, 2 to 5 and 5 to 8: later steps are larger, and the ratio tells which these
  // are.
  const std::pair<const char*, double> expected[] = {
      {"head", 3.0 / 1}, {"centre", 7.0 / 5}, {"tail", 13.0 / 11}};
  for (const auto& [crop, ratio] : expected) {
    set.config_.video.crop = crop;
    const Preparation preparation = set.learn(dataset);
    const Prepared prepared = preparation.prepare(dataset.sample(0), 0);
    ASSERT_EQ(prepared.length, 4) << crop;
    const size_t plane = prepared.values.size() / 4;
    const float* x = prepared.values.data();
    EXPECT_NEAR((x[2 * plane] - x[plane]) / (x[plane] - x[0]), ratio, 1e-3) << crop;
  }
}

TEST(prepare_video, stretches_of_arrays_and_what_is_late) {
  VideoSet set;
  set.write_clips(12, [](int, int t) { return 20 * t; });
  set.config_.video.frames = 4;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const auto of = [&](const std::string& part, double late_s) {
    Sample sample;
    sample.values["clip"] = Path{set.folder / ("0.npy" + part), late_s};
    const std::vector<float> values = preparation.prepare(sample, 0).values;
    std::vector<int> frames;  // which one is shown: 20 grey levels each
    for (size_t k = 0; k < 4; ++k) {
      const Json state = Json::parse(read_file(set.folder / "saved/preparation.json"));
      const Json& channel = state["modalities"][0]["state"]["channel"];
      const double level = values[k * values.size() / 4] * channel["deviation"][0].get<double>() +
                           channel["mean"][0].get<double>();
      frames.push_back(static_cast<int>(std::lround(255 * level / 20)));
    }
    return frames;
  };
  preparation.save(set.folder / "saved");
  EXPECT_THAT(of("#t=4,8", 0), ElementsAre(4, 5, 6, 7));
  EXPECT_THAT(of("#t=4,8", 2), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(of("#t=4,8", 6), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(of("#t=4,8", -6), ElementsAre(10, 11, 11, 11));
  EXPECT_THAT(of("#t=4,8", 90), ElementsAre(0, 0, 0, 0));
}

TEST(prepare_video, memory_gives_the_bits_of_the_file) {
  VideoSet set;
  set.write_clips(7, [](int i, int t) { return 30 * i + 5 * t; });
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  formats::Video video;
  for (int t = 0; t < 7; ++t) {
    formats::Frame frame;
    frame.time_ns = t * int64_t{1000000000};
    frame.image.width = 4;
    frame.image.height = 6;
    frame.image.channels = 1;
    frame.image.pixels.assign(24, static_cast<uint8_t>(60 + 5 * t));
    video.frames.push_back(frame);
  }
  Sample sample;
  sample.values["clip"] = video;
  EXPECT_EQ(preparation.prepare(sample, 0), preparation.prepare(dataset.sample(2), 0));
  preparation.save(set.folder / "saved");
  EXPECT_EQ(Preparation::load(set.folder / "saved").prepare(sample, 0),
            preparation.prepare(sample, 0));
}

TEST(prepare_video, bad_videos_say_what_and_where) {
  VideoSet set;
  set.write_clips(4, [](int, int t) { return t; });
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  write_file_atomically(set.folder / "3.npy", formats::serialize_npy({2, 2}, {1, 2, 3, 4}));
  EXPECT_FAILURE(preparation.prepare(dataset.sample(3), 0), data, "m.csv:5: field \"clip\": ");
  EXPECT_FAILURE(preparation.prepare(dataset.sample(3), 0), data,
                 "expected frames (T, H, W) or (T, H, W, 3), got (2, 2)");
  write_file_atomically(set.folder / "3.npy", formats::serialize_npy({1, 1, 2}, {1, 300}));
  EXPECT_FAILURE(preparation.prepare(dataset.sample(3), 0), data,
                 "expected pixels of 0 to 255, got 300");
  write_file_atomically(set.folder / "3.npy", formats::serialize_npy({0, 1, 2}, {}));
  EXPECT_FAILURE(preparation.prepare(dataset.sample(3), 0), data, "expected frames, got none");
  set.config_.video.channels = 2;
  EXPECT_FAILURE(set.learn(dataset), config, "video.channels: expected 1 or 3");
}

}  // namespace
}  // namespace braid::data
