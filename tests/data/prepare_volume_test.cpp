#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "formats/npy.h"
#include "manifests.h"
#include "media_set.h"

namespace braid::data {
namespace {

using ::testing::Each;
using ::testing::FloatNear;

struct VolumeSet : Manifest {
  VolumeSet() : Manifest("label,scan\nx,0.npy\ny,1.npy\nx,2.npy\ny,3.npy\n") {
    config.kinds = {{"scan", "volume"}};
    for (int i = 0; i < 4; ++i) {
      std::vector<float> voxels(10 * 10 * 10);
      std::iota(voxels.begin(), voxels.end(), static_cast<float>(1000 * i));
      write(i, {10, 10, 10}, voxels);
    }
  }
  void write(int i, const std::vector<int64_t>& shape, const std::vector<float>& voxels) {
    write_file_atomically(folder / fmt::format("{}.npy", i), formats::serialize_npy(shape, voxels));
  }
  Preparation learn(const Dataset& dataset) {
    return Preparation::learn(dataset, {0, 1, 2}, config_, 1, sinks);
  }
  PrepareConfig config_;
};

TEST(prepare_volume, each_is_standardised_by_itself) {
  VolumeSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  const ModalitySpec& spec = preparation.specs()[0];
  EXPECT_EQ(spec.depth, 10);
  EXPECT_EQ(spec.height, 10);
  EXPECT_EQ(spec.width, 10);
  const Prepared first = preparation.prepare(dataset.sample(0), 0);
  // 0 to 999: mean 499.5, deviation sqrt((1000^2 - 1) / 12).
  EXPECT_NEAR(first.values[0], -499.5 / std::sqrt(999999.0 / 12), 1e-5);
  const Prepared last = preparation.prepare(dataset.sample(3), 0);
  for (size_t i = 0; i < 1000; ++i) ASSERT_NEAR(last.values[i], first.values[i], 1e-4);
}

TEST(prepare_volume, or_by_the_training_files) {
  VolumeSet set;
  set.config_.volume.intensity = "training";
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  // 0 to 2999: mean 1499.5.
  const double deviation = std::sqrt((3000.0 * 3000 - 1) / 12);
  EXPECT_NEAR(preparation.prepare(dataset.sample(3), 0).values[0], (3000 - 1499.5) / deviation,
              1e-4);
}

TEST(prepare_volume, spacing_keeps_the_proportions_within_the_cube) {
  VolumeSet set;
  set.config_.volume.size = 8;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  formats::Volume scan;
  scan.depth = 4;
  scan.height = 16;
  scan.width = 16;
  scan.spacing_mm = {2, 1, 1};  // 8 x 16 x 16 mm: half as deep as wide
  scan.values.assign(4 * 16 * 16, 3.0f);
  scan.values[0] = 4;  // not constant
  Sample sample;
  sample.values["scan"] = scan;
  const Prepared prepared = preparation.prepare(sample, 0);
  ASSERT_EQ(prepared.values.size(), 512u);
  for (size_t i = 0; i < 512; ++i) {
    const size_t d = i / 64;
    EXPECT_EQ(prepared.values[i] == 0, d < 2 || d > 5) << i;  // the mean around the body
  }
  set.config_.volume.fit = "stretch";
  const Prepared whole = set.learn(dataset).prepare(sample, 0);
  for (const float x : whole.values) EXPECT_NE(x, 0);
}

TEST(prepare_volume, memory_gives_the_bits_of_the_file) {
  VolumeSet set;
  set.config_.volume.size = 9;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  formats::Volume scan;
  scan.depth = scan.height = scan.width = 10;
  scan.values.resize(1000);
  std::iota(scan.values.begin(), scan.values.end(), 2000.0f);
  Sample sample;
  sample.values["scan"] = scan;
  EXPECT_EQ(preparation.prepare(sample, 0), preparation.prepare(dataset.sample(2), 0));
  preparation.save(set.folder / "saved");
  EXPECT_EQ(Preparation::load(set.folder / "saved").prepare(sample, 0),
            preparation.prepare(sample, 0));
}

TEST(prepare_volume, bad_volumes_say_what_and_where) {
  VolumeSet set;
  const Dataset dataset = set.open();
  const Preparation preparation = set.learn(dataset);
  formats::Volume scan;
  scan.depth = scan.height = scan.width = 2;
  scan.values.assign(7, 1.0f);
  Sample sample;
  sample.where = "here:1";
  sample.values["scan"] = scan;
  EXPECT_FAILURE(preparation.prepare(sample, 0), data,
                 "here:1: field \"scan\": expected 2 x 2 x 2 voxels, got 7 values");
  sample.values["scan"] = Path{set.folder / "none.nii"};
  EXPECT_FAILURE(preparation.prepare(sample, 0), data, "none.nii: expected a file, got none");
  scan.values.assign(8, std::nanf(""));
  sample.values["scan"] = scan;
  EXPECT_FAILURE(preparation.prepare(sample, 0), data, "expected finite voxels, got nan");
  scan.values.assign(8, 1);
  scan.spacing_mm = {1, 0, 1};
  sample.values["scan"] = scan;
  EXPECT_FAILURE(preparation.prepare(sample, 0), data, "expected a spacing above 0 mm, got 0");
}

}  // namespace
}  // namespace braid::data
