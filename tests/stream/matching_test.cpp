#include "stream/matching.h"

#include <fmt/format.h>

#include <optional>

#include "stream/recordings.h"

namespace braid::stream {
namespace {

using namespace recordings;

Ring ring_of(const std::vector<int64_t>& times) {
  Ring ring(1, 64);
  for (const int64_t time : times) {
    const double value = static_cast<double>(time);
    ring.insert(time, &value);
  }
  return ring;
}

/// Times of the next match, -1 where a stream has none; nothing where it is not known yet.
std::optional<std::vector<int64_t>> match_of(const std::vector<std::vector<int64_t>>& streams,
                                             int64_t tolerance, int64_t final_ns = INT64_MAX) {
  std::vector<Ring> rings;
  for (const auto& times : streams) rings.push_back(ring_of(times));
  std::vector<const Ring*> all;
  for (const Ring& ring : rings) all.push_back(&ring);
  Match match;
  if (!find_match(all, final_ns, tolerance, &match)) return std::nullopt;
  std::vector<int64_t> times;
  for (size_t s = 0; s < rings.size(); ++s)
    times.push_back(match.rows[s] < 0 ? -1 : rings[s].time(static_cast<size_t>(match.rows[s])));
  return times;
}

using Times = std::vector<int64_t>;

TEST(matching, exact_takes_equal_times) {
  EXPECT_EQ(match_of({{10, 20}, {10, 20}}, 0), (Times{10, 10}));
  EXPECT_EQ(match_of({{10, 20}, {20}}, 0), (Times{10, -1}));
  EXPECT_EQ(match_of({{}, {}}, 0), std::nullopt);
}

TEST(matching, without_a_bound_the_end_brings_out_what_is_left) {
  EXPECT_EQ(match_of({{10}, {}}, INT64_MAX), (Times{10, -1}));
  EXPECT_EQ(match_of({{10}, {4000}}, INT64_MAX), (Times{10, 4000}));
}

TEST(matching, the_shortest_span_around_the_pivot) {
  // The pivot is 13; 12 lies nearer to it than 10, and 14 than 8.
  EXPECT_EQ(match_of({{10, 12, 17}, {13, 30}, {8, 14}}, 10), (Times{12, 13, 14}));
  // One row ahead would cost more than all behind: 12, 13 and 9 span 4, with 19 instead 7.
  EXPECT_EQ(match_of({{12}, {13}, {9, 19}}, 10), (Times{12, 13, 9}));
  // Of equal spans the one behind: 11 and 13, or 13 and 15.
  EXPECT_EQ(match_of({{11, 15}, {13}}, 10), (Times{11, 13}));
}

TEST(matching, a_stream_without_a_measurement_near_takes_no_part) {
  EXPECT_EQ(match_of({{10}, {12}, {30}}, 5), (Times{10, 12, -1}));
  EXPECT_EQ(match_of({{10}, {12}, {}}, 5), (Times{10, 12, -1}));
}

TEST(matching, waits_for_what_could_change_it) {
  // The third stream may still come within 5 of 10.
  EXPECT_EQ(match_of({{10}, {12}, {}}, 5, 15), std::nullopt);
  EXPECT_EQ(match_of({{10}, {12}, {}}, 5, 16), (Times{10, 12, -1}));
  // 12 could be joined by a measurement of the first before 14.
  EXPECT_EQ(match_of({{10}, {12}}, 5, 13), std::nullopt);
  EXPECT_EQ(match_of({{10}, {12}}, 5, 15), (Times{10, 12}));
  EXPECT_EQ(match_of({{10, 13}, {12}}, 5, 14), (Times{13, 12}));
}

/// All choices, one by one: the least span among those that hold the pivot.
int64_t least_span(const std::vector<std::vector<int64_t>>& streams, int64_t pivot,
                   const std::vector<bool>& takes_part) {
  std::vector<std::pair<int64_t, int64_t>> partial = {{pivot, pivot}};
  for (size_t s = 0; s < streams.size(); ++s) {
    if (!takes_part[s]) continue;
    std::vector<std::pair<int64_t, int64_t>> longer;
    const bool is_pivots = streams[s][0] == pivot;
    for (const auto& [low, high] : partial)
      for (const int64_t time : streams[s])
        if (!is_pivots || time == pivot)
          longer.emplace_back(std::min(low, time), std::max(high, time));
    partial = longer;
  }
  int64_t least = INT64_MAX;
  for (const auto& [low, high] : partial) least = std::min(least, high - low);
  return least;
}

TEST(matching, spans_are_those_of_trying_all_choices) {
  Rng random(3);
  for (int turn = 0; turn < 2000; ++turn) {
    std::vector<std::vector<int64_t>> streams(2 + random.below(3));
    for (auto& times : streams) {
      int64_t time = static_cast<int64_t>(random.below(12));
      for (size_t i = 0; i < 1 + random.below(5); ++i) {
        times.push_back(time);
        time += 1 + static_cast<int64_t>(random.below(12));
      }
    }
    const int64_t tolerance = static_cast<int64_t>(random.below(20));
    const auto times = match_of(streams, tolerance);
    ASSERT_TRUE(times.has_value());
    int64_t first = INT64_MAX, pivot = INT64_MIN, low = INT64_MAX, high = INT64_MIN;
    for (const auto& stream : streams) first = std::min(first, stream[0]);
    std::vector<bool> takes_part;
    for (size_t s = 0; s < streams.size(); ++s) {
      takes_part.push_back(streams[s][0] <= first + tolerance);
      ASSERT_EQ(takes_part[s], (*times)[s] >= 0);
      if (!takes_part[s]) continue;
      pivot = std::max(pivot, streams[s][0]);
      low = std::min(low, (*times)[s]);
      high = std::max(high, (*times)[s]);
    }
    EXPECT_EQ(high - low, least_span(streams, pivot, takes_part)) << turn;
    EXPECT_LE(high - low, tolerance);
  }
}

/// Matches through a synchroniser, in one order or another.
std::vector<Frame> frames_of(Config config, const std::vector<Measurement>& all, Counts* counts) {
  Synchronizer synchronizer(std::move(config));
  for (const Measurement& one : all) synchronizer.push(one.stream, one.time_ns, one.values.data());
  synchronizer.finish();
  std::vector<Frame> frames;
  for (Frame frame; synchronizer.take(&frame);) frames.push_back(frame);
  *counts = synchronizer.counts();
  return frames;
}

TEST(matching, frames_do_not_depend_on_the_order_of_arrival) {
  Config config;
  for (const char* name : {"camera", "lidar", "radar"})
    config.streams.push_back({name, 2, "previous", {}, 4096});
  config.match_tolerance_ns = 6 * kMs;
  config.num_frames = 4096;
  const std::vector<Measurement> all = record(config, 3000 * kMs, /*seed=*/8);
  Counts counts;
  // Everything at once: what the whole recording gives.
  config.lateness_ns = 4000 * kMs;
  const std::vector<Frame> expected = frames_of(config, all, &counts);
  ASSERT_GT(expected.size(), 200u);
  int64_t used = 0;
  for (const Frame& frame : expected)
    for (size_t s = 0; s < 3; ++s) used += frame.present[s];
  EXPECT_LE(used + counts.unmatched, counts.pushed);
  EXPECT_GT(counts.unmatched, 0);
  for (const int64_t lateness : {int64_t{0}, 9 * kMs})
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      config.lateness_ns = lateness;
      const auto frames = frames_of(config, disordered(all, lateness, seed), &counts);
      ASSERT_EQ(frames.size(), expected.size());
      for (size_t i = 0; i < frames.size(); ++i) expect_same(frames[i], expected[i]);
      EXPECT_EQ(counts.late, 0);
    }
}

TEST(matching, a_measurement_of_nothing_matches_nothing) {
  Config config;
  config.streams = {{"a", 1, "previous", {}, 64}, {"b", 1, "previous", {}, 64}};
  config.match_tolerance_ns = 5;
  Synchronizer synchronizer(config);
  const double value = 1, gap = NAN;
  synchronizer.push(0, 10, &value);
  synchronizer.push(0, 12, &gap);
  synchronizer.push(1, 12, &value);
  synchronizer.finish();
  Frame frame;
  ASSERT_TRUE(synchronizer.take(&frame));
  EXPECT_EQ(frame.used_ns, (Times{10, 12}));
}

TEST(matching, every_measurement_is_in_a_frame_or_told) {
  Config config;
  config.streams = {{"a", 1, "previous", {}, 64}, {"b", 1, "previous", {}, 64}};
  config.match_tolerance_ns = 5;
  std::vector<std::string> told;
  config.on_dropped = [&](const Dropped& one) {
    told.push_back(fmt::format("{} {} {}", one.stream, one.time_ns, to_string(one.reason)));
  };
  Synchronizer synchronizer(config);
  for (const auto& [stream, time] :
       std::vector<std::pair<size_t, int64_t>>{{0, 1}, {0, 2}, {1, 3}, {0, 10}, {1, 20}}) {
    const double value = 1;
    synchronizer.push(stream, time, &value);
  }
  synchronizer.finish();
  std::vector<Frame> frames;
  for (Frame frame; synchronizer.take(&frame);) frames.push_back(frame);
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[0].used_ns, (Times{2, 3}));
  EXPECT_EQ(frames[1].present, (std::vector<uint8_t>{1, 0}));
  EXPECT_EQ(frames[2].present, (std::vector<uint8_t>{0, 1}));
  EXPECT_EQ(told, (std::vector<std::string>{"0 1 unmatched"}));
}

}  // namespace
}  // namespace braid::stream
