// Series, video and volumes through a bundle: memory gives the bits of files, any may be missing.
#include <gtest/gtest.h>

#include <cmath>

#include "braid/predictor.h"
#include "core/file.h"
#include "formats/npy.h"
#include "support/module_checks.h"
#include "support/tiny_bundle.h"

namespace braid {
namespace {

using checks::expect_error;

// Twelve rows of one file for each kind, and a word.
class Kinds {
 public:
  Kinds() {
    std::string series = "time_s,x,y\n";
    for (int t = 0; t < 20; ++t) {
      times_.push_back(0.5 * t);
      for (const double value : {std::round(100 * std::sin(0.3 * t)) / 100, t * 0.25})
        values_.push_back(static_cast<float>(value));
      series +=
          fmt::format("{},{},{}\n", times_.back(), values_[values_.size() - 2], values_.back());
    }
    write_file_atomically(folder_ / "wrist.csv", series);
    std::vector<float> pixels, voxels;
    for (int i = 0; i < 5 * 8 * 9; ++i) pixels_.push_back(static_cast<uint8_t>(i * 37 % 256));
    pixels.assign(pixels_.begin(), pixels_.end());
    write_file_atomically(folder_ / "clip.npy", formats::serialize_npy({5, 8, 9}, pixels));
    for (int i = 0; i < 8 * 9 * 10; ++i) voxels_.push_back(static_cast<float>(i * 13 % 101));
    write_file_atomically(folder_ / "scan.npy", formats::serialize_npy({8, 9, 10}, voxels_));
    std::string text = "label,split,wrist,clip,scan,report\n";
    for (int i = 0; i < 12; ++i)
      text +=
          fmt::format("{0},train,wrist.csv,clip.npy,scan.npy,a report of case {0} for training\n",
                      i % 2 ? "yes" : "no");
    write_file_atomically(folder_ / "m.csv", text);
    data::DatasetConfig config;
    config.manifest = folder_ / "m.csv";
    config.target = "label";
    config.kinds = {{"clip", "video"}, {"scan", "volume"}, {"report", "text"}};
    model::save_bundle(folder_ / "bundle", checks::tiny_bundle(config));
  }
  Predictor predictor() const { return Predictor::load(folder_ / "bundle"); }
  std::string file(const std::string& name) const { return folder_ / name; }
  Sample from_memory() const {
    const double spacing[3] = {1, 1, 1};
    std::vector<double> frame_times = {0, 1, 2, 3, 4};
    return Sample()
        .set_series("wrist", times_.data(), values_.data(), times_.size(), 2)
        .set_video("clip", pixels_.data(), frame_times.data(), 5, 9, 8, 1)
        .set_volume("scan", voxels_.data(), 8, 9, 10, spacing);
  }

 private:
  TemporaryFolder folder_;
  std::vector<double> times_;
  std::vector<float> values_, voxels_;
  std::vector<uint8_t> pixels_;
};

TEST(predict_kinds, memory_equals_files) {
  const Kinds kinds;
  Predictor predictor = kinds.predictor();
  EXPECT_EQ(predictor.modalities(), (std::vector<std::string>{"wrist", "clip", "scan", "report"}));
  const Prediction files = predictor.predict(Sample()
                                                 .set_file("wrist", kinds.file("wrist.csv"))
                                                 .set_file("clip", kinds.file("clip.npy"))
                                                 .set_cell("scan", kinds.file("scan.npy")));
  const Prediction memory = predictor.predict(kinds.from_memory());
  EXPECT_EQ(files.scores, memory.scores);
  EXPECT_EQ(files.missing, std::vector<std::string>{"report"});
}

TEST(predict_kinds, any_of_them_may_be_missing) {
  const Kinds kinds;
  Predictor predictor = kinds.predictor();
  const Prediction all = predictor.predict(kinds.from_memory());
  for (const char* field : {"wrist", "clip", "scan"}) {
    const Prediction less = predictor.predict(kinds.from_memory().set_cell(field, ""));
    EXPECT_EQ(less.missing.size(), 2u) << field;
    EXPECT_NE(less.scores, all.scores) << field;
  }
}

TEST(predict_kinds, what_is_no_series_video_or_volume) {
  const double times[2] = {0, std::nan("")}, spacing[3] = {1, 1, 1};
  const float values[2] = {1, 2};
  expect_error(ErrorKind::shape, "field \"w\": expected measurements, got 0 times of 1 channels",
               [&] { Sample().set_series("w", times, values, 0, 1); });
  expect_error(ErrorKind::data, "field \"w\": expected times in seconds, got nan",
               [&] { Sample().set_series("w", times, values, 2, 1); });
  expect_error(ErrorKind::shape,
               "field \"v\": expected frames with 1 or 3 channels, got 1 of 2x2x2",
               [&] { Sample().set_video("v", nullptr, times, 1, 2, 2, 2); });
  expect_error(ErrorKind::shape, "field \"s\": expected voxels, got 0x2x2",
               [&] { Sample().set_volume("s", values, 0, 2, 2, spacing); });
}

}  // namespace
}  // namespace braid
