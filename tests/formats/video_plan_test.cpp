#include "formats/video_plan.h"

#include <gmock/gmock.h>

#include <set>

#include "core/rng.h"
#include "formats/expect_error.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;
using ::testing::ElementsAre;

constexpr int64_t kMs = 1000000;

// Packets in the file's order: capital letters are key frames; the number is the time in 40 ms.
std::vector<PacketTime> packets_of(const std::vector<std::pair<char, int>>& frames) {
  std::vector<PacketTime> packets;
  for (const auto& [type, time] : frames) {
    PacketTime packet;
    packet.time_ns = time * 40 * kMs;
    packet.end_ns = packet.time_ns + 40 * kMs;
    packet.is_key = type == 'I';
    packets.push_back(packet);
  }
  return packets;
}

// Two open groups: I0 P3 B1 B2 | I6 B4 B5 P9 B7 B8. B4 and B5 stand behind I6 and lean on P3.
const std::vector<PacketTime> kOpen = packets_of({{'I', 0},
                                                  {'p', 3},
                                                  {'b', 1},
                                                  {'b', 2},
                                                  {'I', 6},
                                                  {'b', 4},
                                                  {'b', 5},
                                                  {'p', 9},
                                                  {'b', 7},
                                                  {'b', 8}});

Moments at(std::vector<int64_t> times_ms) {
  Moments moments;
  for (int64_t time : times_ms) moments.wanted_ns.push_back(time * kMs);
  return moments;
}

std::vector<std::pair<size_t, size_t>> segments(const Plan& plan) {
  std::vector<std::pair<size_t, size_t>> pairs;
  for (const Segment& segment : plan.segments) pairs.emplace_back(segment.first, segment.last);
  return pairs;
}

TEST(video_plan, begins_at_the_key_frame_that_a_frame_leans_on) {
  const auto segments_at = [](int64_t time_ms, size_t num_ahead) {
    return segments(*make_plan(kOpen, at({time_ms}), num_ahead));
  };
  using Pair = std::pair<size_t, size_t>;
  EXPECT_THAT(segments_at(0, 0), ElementsAre(Pair(0, 0)));
  EXPECT_THAT(segments_at(99, 0), ElementsAre(Pair(0, 3)));   // B2, packet 3
  EXPECT_THAT(segments_at(165, 0), ElementsAre(Pair(0, 5)));  // B4: from the first group on
  EXPECT_THAT(segments_at(240, 0), ElementsAre(Pair(4, 4)));  // I6
  EXPECT_THAT(segments_at(290, 0), ElementsAre(Pair(4, 8)));  // B7
  EXPECT_THAT(segments_at(290, 1), ElementsAre(Pair(4, 9)));
  EXPECT_THAT(segments_at(9999, 1), ElementsAre(Pair(4, 8)));  // P9, packet 7
  // Segments that meet are one; the decoder goes on.
  EXPECT_THAT(segments(*make_plan(kOpen, at({100, 290}), 0)), ElementsAre(Pair(0, 8)));
  EXPECT_THAT(segments(*make_plan(kOpen, at({0, 290}), 0)), ElementsAre(Pair(0, 0), Pair(4, 8)));
}

TEST(video_plan, takes_the_latest_that_has_begun) {
  EXPECT_THAT(make_plan(kOpen, at({0, 39, 40, 41, 159, 160, 360, 5000}), 0)->wanted,
              ElementsAre(0, 0, 2, 2, 1, 5, 7, 7));
  Moments moments = at({39, 40, 79});
  moments.tolerance_ns = kMs;
  EXPECT_THAT(make_plan(kOpen, moments, 0)->wanted, ElementsAre(2, 2, 3));
  // Before the first frame there is only the first.
  std::vector<PacketTime> late = packets_of({{'I', 2}, {'p', 3}});
  EXPECT_THAT(make_plan(late, at({0, 100}), 0)->wanted, ElementsAre(0, 0));
  moments = Moments();
  moments.is_every_frame = true;
  moments.from_ns = 40 * kMs;
  moments.to_ns = 160 * kMs;
  EXPECT_THAT(make_plan(kOpen, moments, 0)->wanted, ElementsAre(2, 3, 1));
}

TEST(video_plan, needs_times_that_tell_the_frames_apart) {
  std::vector<PacketTime> packets = kOpen;
  packets[3].has_time = false;
  EXPECT_FALSE(make_plan(packets, at({0}), 0).has_value());
  packets = kOpen;
  packets[3].time_ns = packets[2].time_ns;
  EXPECT_FALSE(make_plan(packets, at({0}), 0).has_value());
  packets[3].is_shown = false;  // decoded, but no answer to anything
  EXPECT_THAT(make_plan(packets, at({99}), 0)->wanted, ElementsAre(2));
  EXPECT_FALSE(make_plan({}, at({0}), 0).has_value());
  // Without a key frame everything up to the wanted frame.
  packets = packets_of({{'p', 0}, {'p', 1}, {'p', 2}});
  EXPECT_THAT(segments(*make_plan(packets, at({45}), 0)),
              ElementsAre(std::pair<size_t, size_t>(0, 1)));
}

// The obvious way: from each wanted packet back to a key frame that is not after it in time.
std::vector<std::pair<size_t, size_t>> slow_segments(const std::vector<PacketTime>& packets,
                                                     const std::vector<size_t>& wanted) {
  std::vector<std::pair<size_t, size_t>> segments;
  for (size_t i : std::set<size_t>(wanted.begin(), wanted.end())) {
    size_t key = i;
    while (key > 0 && !(packets[key].is_key && packets[key].time_ns <= packets[i].time_ns)) --key;
    if (!segments.empty() && key <= segments.back().second + 1)
      segments.back().second = i;
    else
      segments.emplace_back(key, i);
  }
  return segments;
}

TEST(video_plan, any_order_of_times_gives_the_last_key_frame_before) {
  Rng rng(4);
  size_t num_segments = 0;
  for (int round = 0; round < 500; ++round) {
    std::vector<std::pair<char, int>> frames;
    for (int time = 0; time < 40; ++time) frames.emplace_back(rng.chance(0.4) ? 'I' : 'p', time);
    if (round % 2 == 0) rng.shuffle(frames);
    const std::vector<PacketTime> packets = packets_of(frames);
    std::vector<int64_t> times_ms;
    for (int time = 0; time < 40; ++time)
      if (rng.chance(0.2)) times_ms.push_back(time * 40);
    const Plan plan = *make_plan(packets, at(times_ms), 0);
    EXPECT_EQ(segments(plan), slow_segments(packets, plan.wanted)) << round;
    num_segments += plan.segments.size();
  }
  EXPECT_GT(num_segments, 1000u);
}

// Key frames with high times, then other frames with lower ones, none of which leans on them: a
// walk over the key frames for each would take minutes.
TEST(video_plan, hostile_times_take_no_longer) {
  constexpr int kNum = 500000;
  std::vector<PacketTime> packets(2 * kNum);
  Moments moments;
  for (int i = 0; i < kNum; ++i) {
    packets[i].time_ns = kNum + i;
    packets[i].is_key = true;
    packets[kNum + i].time_ns = i;
    moments.wanted_ns.push_back(i);
  }
  const std::optional<Plan> plan = make_plan(packets, moments, 0);
  ASSERT_TRUE(plan.has_value());
  EXPECT_THAT(segments(*plan), ElementsAre(std::pair<size_t, size_t>(0, 2 * kNum - 1)));
}

TEST(video_plan, splits_moments_in_order_and_ranges_at_key_frames) {
  const std::vector<Moments> thirds = split(at({1, 2, 3, 4, 5}), kOpen, 3);
  ASSERT_EQ(thirds.size(), 3u);
  EXPECT_THAT(thirds[0].wanted_ns, ElementsAre(1 * kMs));
  EXPECT_THAT(thirds[1].wanted_ns, ElementsAre(2 * kMs, 3 * kMs));
  EXPECT_THAT(thirds[2].wanted_ns, ElementsAre(4 * kMs, 5 * kMs));
  EXPECT_EQ(split(at({1}), kOpen, 3).size(), 1u);
  Moments range;
  range.is_every_frame = true;
  range.to_ns = 400 * kMs;
  const std::vector<Moments> halves = split(range, kOpen, 2);
  ASSERT_EQ(halves.size(), 2u);
  EXPECT_EQ(halves[0].to_ns, 240 * kMs);
  EXPECT_EQ(halves[1].from_ns, 240 * kMs);
  EXPECT_EQ(halves[1].to_ns, 400 * kMs);
  EXPECT_EQ(split(range, kOpen, 9).size(), 2u);
  range.from_ns = 240 * kMs;
  EXPECT_EQ(split(range, kOpen, 2).size(), 1u);
}

TEST(video_plan, moments_by_hand) {
  VideoOptions options;
  options.rate_hz = 4;
  const auto wanted = [&](int64_t first_ms, int64_t end_ms) {
    std::vector<int64_t> times;
    for (int64_t ns : choose_moments(options, first_ms * kMs, end_ms * kMs, 1, "x").wanted_ns)
      times.push_back(ns / kMs);
    return times;
  };
  EXPECT_THAT(wanted(0, 1000), ElementsAre(0, 250, 500, 750));
  EXPECT_THAT(wanted(100, 1001), ElementsAre(0, 250, 500, 750, 1000));
  options.from_s = 0.3;
  options.to_s = 0.8;
  EXPECT_THAT(wanted(0, 1000), ElementsAre(300, 550));  // 800 is no longer in it
  options = VideoOptions();
  options.count = 4;
  EXPECT_THAT(wanted(0, 1000), ElementsAre(125, 375, 625, 875));
  EXPECT_THAT(wanted(200, 1000), ElementsAre(300, 500, 700, 900));
  options.from_s = 0.6;
  EXPECT_THAT(wanted(200, 1000), ElementsAre(650, 750, 850, 950));
  options.from_s = 1;
  expect_error(ErrorKind::data,
               "x: range: expected frames from 1 s to inf s, got a track from 0.2 s to 1 s",
               [&] { wanted(200, 1000); });
}

}  // namespace
}  // namespace braid::formats
