// Random recordings of several streams, and what alignment makes of them from files.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "core/rng.h"
#include "stream/synchronizer.h"

namespace braid::stream::recordings {

constexpr int64_t kMs = 1000000;

struct Measurement {
  size_t stream;
  int64_t time_ns;
  std::vector<double> values;
};

/// Streams of different rates with jitter, gaps and NaN, in the order of time.
inline std::vector<Measurement> record(const Config& config, int64_t length_ns, uint64_t seed) {
  std::vector<Measurement> all;
  for (size_t s = 0; s < config.streams.size(); ++s) {
    Rng random = Rng(seed).fork(s);
    const int64_t step = (3 + 7 * static_cast<int64_t>(s)) * kMs;
    bool is_silent = false;
    for (int64_t time = 0; time < length_ns; time += step) {
      if (random.chance(0.03)) is_silent = !is_silent;
      if (is_silent) continue;
      Measurement one = {
          s, time + static_cast<int64_t>(random.below(static_cast<uint64_t>(step))), {}};
      for (int64_t c = 0; c < config.streams[s].channels; ++c)
        one.values.push_back(random.chance(0.1) ? NAN : random.normal());
      all.push_back(one);
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
  return all;
}

/// The same measurements as they might arrive: none more than `lateness_ns` behind a newer one.
inline std::vector<Measurement> disordered(std::vector<Measurement> all, int64_t lateness_ns,
                                           uint64_t seed) {
  Rng random(seed);
  std::vector<std::pair<int64_t, size_t>> arrivals;
  for (size_t i = 0; i < all.size(); ++i)
    arrivals.emplace_back(
        all[i].time_ns + static_cast<int64_t>(random.uniform() * static_cast<double>(lateness_ns)),
        i);
  std::sort(arrivals.begin(), arrivals.end());
  std::vector<Measurement> result;
  for (const auto& [arrival, i] : arrivals) result.push_back(all[i]);
  return result;
}

/// align::align of every stream at every tick from the first measurement's to the last one's.
inline std::vector<Frame> from_files(const Config& config, const std::vector<Measurement>& all) {
  std::vector<align::Series> series(config.streams.size());
  int64_t first = INT64_MAX, last = INT64_MIN;
  for (size_t s = 0; s < series.size(); ++s) {
    series[s].name = config.streams[s].name;
    series[s].channels = config.streams[s].channels;
  }
  for (const Measurement& one : all) {
    first = std::min(first, one.time_ns);
    last = std::max(last, one.time_ns);
    series[one.stream].times_ns.push_back(one.time_ns);
    series[one.stream].values.insert(series[one.stream].values.end(), one.values.begin(),
                                     one.values.end());
  }
  int64_t tick = config.anchor_ns;
  while (tick < first) tick += config.step_ns;
  while (tick - config.step_ns >= first) tick -= config.step_ns;
  const std::vector<int64_t> ticks = align::regular_ticks(tick, last, config.step_ns);
  std::vector<Frame> frames(ticks.size());
  for (size_t s = 0; s < series.size(); ++s) {
    align::Options options = config.streams[s].options;
    if (options.window_ns == 0) options.window_ns = config.step_ns;
    const align::Aligned aligned =
        align::align(series[s], align::find(config.streams[s].method), ticks, options);
    const size_t C = static_cast<size_t>(aligned.channels);
    for (size_t t = 0; t < ticks.size(); ++t) {
      frames[t].tick_ns = ticks[t];
      uint8_t present = 0;
      for (size_t i = t * C; i < (t + 1) * C; ++i) {
        frames[t].values.push_back(aligned.values[i]);
        frames[t].origins.push_back(aligned.origins[i]);
        frames[t].used_ns.push_back(aligned.used_ns[i]);
        present |= aligned.origins[i] != align::Origin::missing;
      }
      frames[t].present.push_back(present);
    }
  }
  return frames;
}

inline void expect_same(const Frame& given, const Frame& expected) {
  ASSERT_EQ(given.tick_ns, expected.tick_ns);
  ASSERT_EQ(given.values.size(), expected.values.size());
  for (size_t i = 0; i < given.values.size(); ++i)
    EXPECT_TRUE(given.values[i] == expected.values[i] ||
                (std::isnan(given.values[i]) && std::isnan(expected.values[i])))
        << "tick " << given.tick_ns << ", value " << i << ": " << given.values[i] << " and "
        << expected.values[i];
  EXPECT_EQ(given.origins, expected.origins) << given.tick_ns;
  EXPECT_EQ(given.used_ns, expected.used_ns) << given.tick_ns;
  EXPECT_EQ(given.present, expected.present) << given.tick_ns;
}

/// Every local method on a stream of its own, two channels each.
inline Config one_of_each(int64_t step_ns, int64_t lateness_ns) {
  Config config;
  config.step_ns = step_ns;
  config.anchor_ns = 7;
  config.lateness_ns = lateness_ns;
  config.num_frames = 1024;
  for (const align::Method* method : align::methods()) {
    if (!method->is_local) continue;
    StreamConfig stream;
    stream.name = method->name;
    stream.method = method->name;
    stream.channels = 2;
    stream.options.tolerance_ns = 25 * kMs;
    config.streams.push_back(stream);
  }
  StreamConfig holding = config.streams[0];
  holding.name = "holding";
  holding.options.gap = align::Gap::hold;
  holding.options.hold_ns = 100 * kMs;
  config.streams.push_back(holding);
  StreamConfig long_window = config.streams[0];
  long_window.name = "long window";
  long_window.method = "mean";
  long_window.options.window_ns = 5 * step_ns;
  config.streams.push_back(long_window);
  StreamConfig short_window = long_window;
  short_window.name = "short window";
  short_window.options.window_ns = step_ns / 3;
  config.streams.push_back(short_window);
  return config;
}

}  // namespace braid::stream::recordings
