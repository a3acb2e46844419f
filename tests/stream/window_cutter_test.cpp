#include "stream/window_cutter.h"

#include <gtest/gtest.h>

#include <cmath>

namespace braid::stream {
namespace {

constexpr int64_t kMs = 1000000;

// Two streams, of one and two channels; the second has no value at odd ticks.
Frame frame_at(int64_t tick_ms) {
  Frame frame;
  frame.tick_ns = tick_ms * kMs;
  const bool has = tick_ms / 100 % 2 == 0;
  const auto value = static_cast<double>(tick_ms);
  frame.values = {value, has ? value + 1 : NAN, NAN};
  frame.used_ns = {tick_ms * kMs - 1, has ? tick_ms * kMs - 2 : align::kNever, align::kNever};
  frame.present = {1, static_cast<uint8_t>(has ? 1 : 0)};
  return frame;
}

TEST(window_cutter, windows_overlap) {
  WindowCutter cutter(WindowTicks(10, 300 * kMs, 200 * kMs), {1, 2});
  CutWindow window;
  for (const int64_t tick : {0, 100}) {
    cutter.add(frame_at(tick));
    EXPECT_FALSE(cutter.next(&window));
  }
  cutter.add(frame_at(200));
  ASSERT_TRUE(cutter.next(&window));
  EXPECT_EQ(window.index, 0);
  EXPECT_EQ(window.start_ns, 0);
  EXPECT_EQ(window.end_ns, 300 * kMs);
  EXPECT_EQ(window.last_tick_ns, 200 * kMs);
  EXPECT_EQ(window.streams[0].values, (std::vector<double>{0, 100, 200}));
  EXPECT_EQ(window.streams[1].values[0], 1);
  EXPECT_TRUE(std::isnan(window.streams[1].values[2]));
  EXPECT_EQ(window.streams[1].values[4], 201);
  EXPECT_TRUE(window.streams[1].has_any);
  EXPECT_EQ(window.streams[1].newest_ns, 200 * kMs - 2);
  for (const int64_t tick : {300, 400}) cutter.add(frame_at(tick));
  ASSERT_TRUE(cutter.next(&window));
  EXPECT_EQ(window.index, 1);
  EXPECT_EQ(window.streams[0].values, (std::vector<double>{200, 300, 400}));
  EXPECT_FALSE(cutter.next(&window));
}

TEST(window_cutter, a_window_that_lost_a_tick_is_left_out_and_counted) {
  WindowCutter cutter(WindowTicks(10, 200 * kMs, 200 * kMs), {1, 2});
  cutter.set_start(0);
  CutWindow window;
  for (const int64_t tick : {100, 200, 300}) cutter.add(frame_at(tick));
  ASSERT_TRUE(cutter.next(&window));
  EXPECT_EQ(window.index, 1);
  EXPECT_EQ(cutter.num_broken(), 1);
}

TEST(window_cutter, many_windows_may_be_lost_at_once) {
  WindowCutter cutter(WindowTicks(10, 200 * kMs, 100 * kMs), {1, 2});
  cutter.add(frame_at(0));
  cutter.add(frame_at(5000));
  CutWindow window;
  EXPECT_FALSE(cutter.next(&window));
  cutter.add(frame_at(5100));
  ASSERT_TRUE(cutter.next(&window));
  EXPECT_EQ(window.start_ns, 5000 * kMs);
  EXPECT_EQ(cutter.num_broken(), 50);
}

}  // namespace
}  // namespace braid::stream
