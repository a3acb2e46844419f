// Several threads push and take at once; under ThreadSanitizer this is the test that matters.
#include <atomic>
#include <thread>

#include "stream/recordings.h"

namespace braid::stream {
namespace {

using namespace recordings;

/// One thread for each stream pushes its measurements, another takes the frames.
std::vector<Frame> run(Config config, const std::vector<Measurement>& all) {
  Synchronizer synchronizer(std::move(config));
  std::vector<std::thread> producers;
  for (size_t s = 0; s < synchronizer.config().streams.size(); ++s)
    producers.emplace_back([&, s] {
      for (const Measurement& one : all)
        if (one.stream == s) synchronizer.push(s, one.time_ns, one.values.data());
    });
  std::vector<Frame> frames;
  std::thread consumer([&] {
    for (Frame frame; synchronizer.wait(&frame, int64_t{60} * 1000 * kMs);) frames.push_back(frame);
  });
  for (std::thread& producer : producers) producer.join();
  synchronizer.finish();
  consumer.join();
  EXPECT_EQ(synchronizer.counts().pushed, static_cast<int64_t>(all.size()));
  return frames;
}

// Threads run ahead of one another at will, so only a bound longer than the recording is kept.
TEST(synchronizer_threads, frames_do_not_depend_on_the_threads) {
  Config config = one_of_each(10 * kMs, /*lateness_ns=*/3000 * kMs);
  const std::vector<Measurement> all = record(config, 2000 * kMs, /*seed=*/5);
  const std::vector<Frame> expected = from_files(config, all);
  for (int turn = 0; turn < 5; ++turn) {
    const std::vector<Frame> frames = run(config, all);
    ASSERT_EQ(frames.size(), expected.size());
    for (size_t i = 0; i < frames.size(); ++i) expect_same(frames[i], expected[i]);
  }
}

TEST(synchronizer_threads, blocked_producers_go_on_when_frames_are_taken) {
  Config config = one_of_each(10 * kMs, /*lateness_ns=*/3000 * kMs);
  config.num_frames = 2;
  config.backpressure = Backpressure::block;
  const std::vector<Measurement> all = record(config, 8000 * kMs, /*seed=*/6);
  const std::vector<Frame> frames = run(config, all);
  ASSERT_GT(frames.size(), 500u);
  for (size_t i = 1; i < frames.size(); ++i)
    EXPECT_EQ(frames[i].tick_ns, frames[i - 1].tick_ns + config.step_ns);
}

TEST(synchronizer_threads, a_callback_may_use_the_synchronizer) {
  Config config = one_of_each(10 * kMs, /*lateness_ns=*/0);
  std::atomic<int64_t> told{0};
  Synchronizer* itself = nullptr;
  config.on_dropped = [&](const Dropped&) {
    ++told;
    itself->counts();
    Frame frame;
    itself->take(&frame);
  };
  Synchronizer synchronizer(config);
  itself = &synchronizer;
  for (const Measurement& one : disordered(record(config, 1000 * kMs, 7), 50 * kMs, 7))
    synchronizer.push(one.stream, one.time_ns, one.values.data());
  EXPECT_GT(told, 0);
  EXPECT_EQ(told, synchronizer.counts().late);
}

}  // namespace
}  // namespace braid::stream
