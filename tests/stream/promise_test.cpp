// The public synchroniser gives what the one inside gives.
#include "stream/promise.h"

#include <gtest/gtest.h>

#include "formats/expect_error.h"
#include "stream/recordings.h"

namespace braid::stream {
namespace {

using braid::testing::expect_error;
using recordings::kMs;

SynchronizerOptions two_streams() {
  SynchronizerOptions options;
  options.step_ns = 10 * kMs;
  options.lateness_ns = 5 * kMs;
  options.num_frames = 4096;
  options.streams.resize(2);
  options.streams[0].name = "x";
  options.streams[0].channels = 2;
  options.streams[0].method = "linear";
  options.streams[0].tolerance_ns = 25 * kMs;
  options.streams[1].name = "y";
  options.streams[1].method = "mean";
  options.streams[1].covers_step_after = true;
  return options;
}

TEST(promise, frames_are_those_of_the_synchroniser_inside) {
  Config config;
  config.step_ns = 10 * kMs;
  config.lateness_ns = 5 * kMs;
  config.num_frames = 4096;
  config.streams.resize(2);
  config.streams[0] = {"x", 2, "linear", {}, 4096};
  config.streams[0].options.tolerance_ns = 25 * kMs;
  config.streams[1] = {"y", 1, "mean", {}, 4096, 10 * kMs - 1};
  const auto all = recordings::disordered(recordings::record(config, 1000 * kMs, 3), 5 * kMs, 4);
  Synchronizer inside(config);
  braid::Synchronizer outside(two_streams());
  for (const auto& one : all) {
    inside.push(one.stream, one.time_ns, one.values.data());
    outside.push(config.streams[one.stream].name, one.time_ns, one.values.data(),
                 one.values.size());
  }
  inside.finish();
  outside.finish();
  Frame expected;
  SynchronizedFrame frame;
  int num_frames = 0;
  for (; inside.take(&expected); ++num_frames) {
    ASSERT_TRUE(outside.take(&frame));
    EXPECT_EQ(frame.tick_ns, expected.tick_ns);
    EXPECT_EQ(frame.used_ns, expected.used_ns);
    for (size_t i = 0; i < 3; ++i)
      EXPECT_TRUE(frame.values[i] == expected.values[i] ||
                  (std::isnan(frame.values[i]) && std::isnan(expected.values[i])));
    EXPECT_EQ(frame.is_present[0], expected.present[0] != 0);
  }
  EXPECT_GT(num_frames, 80);
  EXPECT_TRUE(outside.is_over());
  EXPECT_EQ(outside.counts().frames, num_frames);
}

TEST(promise, drops_are_told_by_name_and_reason) {
  std::vector<std::string> told;
  SynchronizerOptions options = two_streams();
  options.on_dropped = [&](const DroppedMeasurement& one) {
    told.push_back(one.stream + " " + to_string(one.reason));
  };
  braid::Synchronizer synchronizer(options);
  const double values[2] = {1, 2};
  synchronizer.push(1, 100 * kMs, values, 1);
  synchronizer.push(1, 100 * kMs, values, 1);
  synchronizer.push("x", 90 * kMs, values, 2);
  EXPECT_EQ(told, (std::vector<std::string>{"y duplicate", "x late"}));
}

TEST(promise, mistakes) {
  braid::Synchronizer synchronizer(two_streams());
  const double values[2] = {1, 2};
  expect_error(ErrorKind::usage, "unknown stream 'z'",
               [&] { synchronizer.push("z", 0, values, 1); });
  expect_error(ErrorKind::usage, "stream \"x\": expected 2 channels, got 1",
               [&] { synchronizer.push(0, 0, values, 1); });
  expect_error(ErrorKind::usage, "stream 2: expected one of 2",
               [&] { synchronizer.push(2, 0, values, 1); });
  expect_error(ErrorKind::data, "expected seconds within 146 years", [] { nanoseconds(1e10); });
  EXPECT_EQ(nanoseconds(1.5), 1500000000);
}

}  // namespace
}  // namespace braid::stream
