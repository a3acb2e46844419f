#include "stream/synchronizer.h"

#include <thread>

#include "formats/expect_error.h"
#include "stream/recordings.h"

namespace braid::stream {
namespace {

using braid::testing::expect_error;
using namespace recordings;

std::vector<Frame> all_frames(Synchronizer& synchronizer) {
  std::vector<Frame> frames;
  for (Frame frame; synchronizer.take(&frame);) frames.push_back(frame);
  return frames;
}

/// One stream "x" of one channel by `previous`, ticks at every 10.
Config simple() {
  Config config;
  config.step_ns = 10;
  config.streams = {{"x", 1, "previous", {}, 16}};
  return config;
}

void push(Synchronizer& synchronizer, int64_t time, double value, size_t stream = 0) {
  synchronizer.push(stream, time, &value);
}

// The promise: live gives what files give, bit for bit, whatever the order of arrival.
TEST(synchronizer, frames_are_those_of_alignment_from_files) {
  for (uint64_t seed = 1; seed <= 20; ++seed)
    for (const int64_t lateness : {int64_t{0}, 5 * kMs, 60 * kMs}) {
      SCOPED_TRACE(fmt::format("seed {}, lateness {} ms", seed, lateness / kMs));
      const Config config = one_of_each(10 * kMs, lateness);
      const std::vector<Measurement> all = record(config, 2000 * kMs, seed);
      const std::vector<Frame> expected = from_files(config, all);
      Synchronizer synchronizer(config);
      for (const Measurement& one : disordered(all, lateness, seed))
        synchronizer.push(one.stream, one.time_ns, one.values.data());
      const size_t before_the_end = all_frames(synchronizer).size();
      EXPECT_GT(before_the_end, expected.size() / 2);  // finish() is not what brings them out
      Synchronizer again(config);
      for (const Measurement& one : disordered(all, lateness, seed + 1000))
        again.push(one.stream, one.time_ns, one.values.data());
      again.finish();
      const std::vector<Frame> frames = all_frames(again);
      ASSERT_EQ(frames.size(), expected.size());
      for (size_t i = 0; i < frames.size(); ++i) expect_same(frames[i], expected[i]);
      EXPECT_EQ(again.counts().late + again.counts().duplicate + again.counts().overflow, 0);
    }
}

TEST(synchronizer, a_tick_is_out_once_nothing_can_change_it) {
  Config config = simple();
  config.lateness_ns = 3;
  Synchronizer synchronizer(config);
  Frame frame;
  push(synchronizer, 5, 1);
  push(synchronizer, 9, 2);
  push(synchronizer, 13, 3);  // 10 may still get a measurement at 10
  EXPECT_FALSE(synchronizer.take(&frame));
  push(synchronizer, 10, 4);
  push(synchronizer, 14, 5);
  ASSERT_TRUE(synchronizer.take(&frame));
  EXPECT_EQ(frame.tick_ns, 10);
  EXPECT_EQ(frame.values[0], 4);
  EXPECT_EQ(frame.origins[0], align::Origin::measured);
}

TEST(synchronizer, a_silent_stream_holds_nothing_up) {
  Config config = simple();
  config.streams.push_back({"y", 1, "linear", {}, 16});
  config.streams[1].options.tolerance_ns = 25;
  Synchronizer synchronizer(config);
  Frame frame;
  push(synchronizer, 0, 1);
  push(synchronizer, 0, 1, /*stream=*/1);
  push(synchronizer, 20, 2);
  ASSERT_TRUE(synchronizer.take(&frame));  // 0: both have measured it
  EXPECT_EQ(frame.present, (std::vector<uint8_t>{1, 1}));
  EXPECT_FALSE(synchronizer.take(&frame));  // 10: y may yet come within 25
  push(synchronizer, 35, 2);
  EXPECT_FALSE(synchronizer.take(&frame));
  push(synchronizer, 36, 2);
  ASSERT_TRUE(synchronizer.take(&frame));
  EXPECT_EQ(frame.tick_ns, 10);
  EXPECT_EQ(frame.present, (std::vector<uint8_t>{1, 0}));
  // A measurement behind the tick ends the wait at once.
  push(synchronizer, 37, 5, /*stream=*/1);
  push(synchronizer, 38, 2);
  ASSERT_TRUE(synchronizer.take(&frame));
  EXPECT_EQ(frame.tick_ns, 20);
  EXPECT_EQ(frame.present, (std::vector<uint8_t>{1, 1}));
  EXPECT_DOUBLE_EQ(frame.values[1], 1 + 4 * 20.0 / 37);
}

// Aggregates of [tick, tick + step) are those of files at ticks that lie a step later.
TEST(synchronizer, a_shifted_stream_is_one_from_files_at_later_ticks) {
  Config config = one_of_each(10 * kMs, 5 * kMs);
  const std::vector<Measurement> all = record(config, 1000 * kMs, 1);
  Config later = config;  // every tick step - 1 later
  later.anchor_ns += config.step_ns - 1;
  const std::vector<Frame> expected = from_files(later, all);
  for (StreamConfig& stream : config.streams) stream.shift_ns = config.step_ns - 1;
  config.start_ns = expected[0].tick_ns - (config.step_ns - 1);
  Synchronizer synchronizer(config);
  for (const Measurement& one : disordered(all, 5 * kMs, 2))
    synchronizer.push(one.stream, one.time_ns, one.values.data());
  synchronizer.finish(expected.back().tick_ns - (config.step_ns - 1));
  const std::vector<Frame> frames = all_frames(synchronizer);
  ASSERT_EQ(frames.size(), expected.size());
  for (size_t i = 0; i < frames.size(); ++i) {
    Frame frame = frames[i];
    frame.tick_ns += config.step_ns - 1;
    expect_same(frame, expected[i]);
  }
}

TEST(synchronizer, a_given_start_needs_no_measurement) {
  Config config = simple();
  config.start_ns = 95;
  config.streams[0].capacity = 2;
  std::vector<Dropped> dropped;
  config.on_dropped = [&](const Dropped& one) { dropped.push_back(one); };
  Synchronizer synchronizer(config);
  for (int64_t time = 0; time < 86; ++time) push(synchronizer, time, static_cast<double>(time));
  EXPECT_TRUE(dropped.empty());  // what lies before the start may go, but for the newest
  synchronizer.advance(106);
  Frame frame;
  ASSERT_TRUE(synchronizer.take(&frame));
  EXPECT_EQ(frame.tick_ns, 95);
  EXPECT_EQ(frame.values[0], 85);
  ASSERT_TRUE(synchronizer.take(&frame));
  EXPECT_EQ(frame.tick_ns, 105);
  EXPECT_FALSE(synchronizer.take(&frame));
  Synchronizer silent(config);
  silent.advance(96);
  ASSERT_TRUE(silent.take(&frame));
  EXPECT_EQ(frame.present[0], 0);
  silent.finish(115);
  EXPECT_EQ(all_frames(silent).size(), 2u);
  EXPECT_TRUE(silent.is_over());
}

TEST(synchronizer, ticks_may_be_any) {
  Config config = simple();
  config.tick_after = [](int64_t start_ns, int64_t tick_ns) {
    return start_ns + (tick_ns - start_ns) * 2 + 1;
  };
  Synchronizer synchronizer(config);
  push(synchronizer, 3, 1);
  push(synchronizer, 20, 2);
  synchronizer.finish();
  std::vector<int64_t> ticks;
  for (const Frame& frame : all_frames(synchronizer)) ticks.push_back(frame.tick_ns);
  EXPECT_EQ(ticks, (std::vector<int64_t>{3, 4, 6, 10, 18}));
}

TEST(synchronizer, advance_moves_the_clock_where_all_are_silent) {
  Synchronizer synchronizer(simple());
  Frame frame;
  synchronizer.advance(1000);  // nothing has come: no first tick
  EXPECT_FALSE(synchronizer.take(&frame));
  push(synchronizer, 1000, 1);
  synchronizer.advance(1011);
  ASSERT_TRUE(synchronizer.take(&frame));
  EXPECT_EQ(frame.tick_ns, 1000);
  ASSERT_TRUE(synchronizer.take(&frame));
  EXPECT_EQ(frame.tick_ns, 1010);
  EXPECT_EQ(frame.used_ns[0], 1000);
  synchronizer.advance(5);  // never back
  EXPECT_FALSE(synchronizer.take(&frame));
}

TEST(synchronizer, whatever_is_left_out_is_told_with_its_reason) {
  Config config = simple();
  config.lateness_ns = 5;
  config.max_ahead_ns = 1000;
  config.streams[0].capacity = 2;
  std::vector<std::string> told;
  config.on_dropped = [&](const Dropped& one) {
    told.push_back(fmt::format("{} {} {}", one.stream, one.time_ns, to_string(one.reason)));
  };
  Synchronizer synchronizer(config);
  push(synchronizer, 1, 1);
  push(synchronizer, 1, 2);
  push(synchronizer, 8, 3);
  push(synchronizer, 2, 4);
  push(synchronizer, 9, 5);      // the ring of two is full
  push(synchronizer, 99999, 6);  // would make all that follows late
  EXPECT_EQ(told, (std::vector<std::string>{"0 1 duplicate", "0 2 late", "0 1 overflow",
                                            "0 99999 ahead"}));
  const Counts counts = synchronizer.counts();
  EXPECT_EQ(counts.pushed, 6);
  EXPECT_EQ(counts.late + counts.ahead + counts.duplicate + counts.overflow, 4);
}

TEST(synchronizer, a_full_ring_drops_the_oldest_whatever_comes) {
  Config config = simple();
  config.step_ns = 7;
  config.lateness_ns = 100;
  config.streams[0].capacity = 2;
  std::vector<std::string> told;
  config.on_dropped = [&](const Dropped& one) {
    told.push_back(fmt::format("{} {}", one.time_ns, to_string(one.reason)));
  };
  Synchronizer synchronizer(config);
  push(synchronizer, 5, 5);
  push(synchronizer, 8, 8);
  push(synchronizer, 8, 9);  // costs nothing
  push(synchronizer, 3, 3);  // itself the oldest
  EXPECT_EQ(told, (std::vector<std::string>{"8 duplicate", "3 overflow"}));
  synchronizer.finish();
  Frame frame;
  ASSERT_TRUE(synchronizer.take(&frame));
  EXPECT_EQ(frame.tick_ns, 7);
  EXPECT_EQ(frame.values[0], 5);
}

TEST(synchronizer, a_wrong_time_costs_no_frame_for_every_tick_until_then) {
  for (const auto policy : {Backpressure::drop_oldest, Backpressure::drop_newest}) {
    Config config = simple();
    config.num_frames = 4;
    config.backpressure = policy;
    int64_t dropped = 0, told = 0;
    config.on_dropped = [&](const Dropped& one) {
      dropped += one.count;
      ++told;
    };
    Synchronizer synchronizer(config);
    push(synchronizer, 0, 1);
    push(synchronizer, 1700000000000000000, 2);  // since 1970, and not since the start
    EXPECT_LT(told, 5000);
    EXPECT_EQ(dropped, synchronizer.counts().frames_dropped);
    EXPECT_EQ(dropped, 170000000000000000 - 4);  // ticks 0 to 1.7e18 - 10, less four places
    const auto frames = all_frames(synchronizer);
    ASSERT_EQ(frames.size(), 4u);
    EXPECT_EQ(frames[3].tick_ns,
              policy == Backpressure::drop_oldest ? 1700000000000000000 - 10 : 30);
  }
}

TEST(synchronizer, close_ends_all_waiting) {
  Config config = simple();
  config.num_frames = 1;
  config.backpressure = Backpressure::block;
  Synchronizer synchronizer(config);
  std::thread producer([&] {
    for (int64_t time = 0; time < 100; time += 5) push(synchronizer, time, 1);
    synchronizer.finish();
  });
  Frame frame;
  EXPECT_TRUE(synchronizer.wait(&frame, INT64_MAX));  // no limit
  EXPECT_FALSE(synchronizer.is_over());
  synchronizer.close();
  producer.join();
  EXPECT_TRUE(synchronizer.is_over());
}

TEST(synchronizer, full_places_drop_the_oldest_or_the_newest_frame) {
  for (const auto policy : {Backpressure::drop_oldest, Backpressure::drop_newest}) {
    Config config = simple();
    config.num_frames = 2;
    config.backpressure = policy;
    std::vector<int64_t> dropped;
    config.on_dropped = [&](const Dropped& one) {
      EXPECT_EQ(one.reason, Reason::frame_dropped);
      EXPECT_EQ(one.stream, 1u);
      dropped.push_back(one.time_ns);
    };
    Synchronizer synchronizer(config);
    push(synchronizer, 0, 1);
    push(synchronizer, 45, 2);  // 0, 10, 20, 30, 40
    const std::vector<Frame> frames = all_frames(synchronizer);
    ASSERT_EQ(frames.size(), 2u);
    const bool keeps_newest = policy == Backpressure::drop_oldest;
    EXPECT_EQ(frames[0].tick_ns, keeps_newest ? 30 : 0);
    EXPECT_EQ(frames[1].tick_ns, keeps_newest ? 40 : 10);
    EXPECT_EQ(dropped, keeps_newest ? (std::vector<int64_t>{0, 10, 20})
                                    : (std::vector<int64_t>{20, 30, 40}));
    push(synchronizer, 51, 3);  // goes on with the next tick
    ASSERT_EQ(all_frames(synchronizer)[0].tick_ns, 50);
  }
}

TEST(synchronizer, ticks_stand_at_the_anchor_before_and_after_0) {
  Config config = simple();
  config.anchor_ns = 3;
  Synchronizer synchronizer(config);
  push(synchronizer, -21, 1);
  push(synchronizer, 4, 2);
  const std::vector<Frame> frames = all_frames(synchronizer);
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[0].tick_ns, -17);
  EXPECT_EQ(frames[2].tick_ns, 3);
}

TEST(synchronizer, bad_configs_and_measurements_are_one_line) {
  const auto with = [](const std::function<void(Config*)>& change) {
    return [change] {
      Config config = simple();
      change(&config);
      Synchronizer synchronizer(config);
    };
  };
  using K = ErrorKind;
  expect_error(K::config, "streams: expected at least one",
               with([](Config* c) { c->streams.clear(); }));
  expect_error(K::config, "step: expected 0 (matches) or a duration",
               with([](Config* c) { c->step_ns = -1; }));
  expect_error(K::config, "unknown alignment method 'liner'",
               with([](Config* c) { c->streams[0].method = "liner"; }));
  expect_error(K::config, "stream \"x\": method \"cubic\" needs more than a tick's neighbours",
               with([](Config* c) { c->streams[0].method = "cubic"; }));
  expect_error(K::config, "stream \"x\": method \"linear\" waits for the measurement after a tick",
               with([](Config* c) { c->streams[0].method = "linear"; }));
  expect_error(K::config, "stream \"x\": gap policy fail is for files",
               with([](Config* c) { c->streams[0].options.gap = align::Gap::fail; }));
  expect_error(K::config, "stream \"x\": expected names that differ",
               with([](Config* c) { c->streams.push_back(c->streams[0]); }));
  Synchronizer synchronizer(simple());
  expect_error(K::usage, "stream 1: expected one of 1", [&] { push(synchronizer, 0, 1, 1); });
  expect_error(K::data, "got infinity", [&] { push(synchronizer, 0, INFINITY); });
  expect_error(K::data, "within 146 years", [&] { push(synchronizer, INT64_MAX, 0); });
  synchronizer.finish();
  expect_error(K::usage, "after finish()", [&] { push(synchronizer, 0, 1); });
  Frame frame;
  EXPECT_FALSE(synchronizer.wait(&frame, 1000000));
}

}  // namespace
}  // namespace braid::stream
