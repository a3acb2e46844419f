// The live synchroniser: measurements a second through it on one core, whether it allocates, and
// how long after the measurement that completes a tick its frame is with another thread. Prints
// CSV.
#include <fmt/core.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>
#include <vector>

#include "bench/commit.h"
#include "core/error.h"
#include "core/rng.h"
#include "stream/synchronizer.h"

namespace {
std::atomic<int64_t> num_allocations{0};
}  // namespace

// Every allocation of the program is counted.
void* operator new(size_t size) {
  num_allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace braid::bench {
namespace {

using stream::Config;
using stream::Frame;
using stream::Synchronizer;

constexpr int64_t kMs = 1000000, kUs = 1000;
constexpr size_t kStreams = 8;
constexpr int kTurns = 7;

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Of this thread: other programs on the machine do not count.
double cpu_s() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Measurement {
  size_t stream;
  int64_t time_ns;
  double value;
};

/// Eight streams of 1 kHz, ticks of 25 Hz; every measurement up to `disorder_ns` late.
std::vector<Measurement> record(int64_t count, int64_t disorder_ns) {
  Rng random(1);
  std::vector<std::pair<int64_t, Measurement>> arrivals;
  for (int64_t i = 0; i < count; ++i) {
    const size_t s = static_cast<size_t>(i) % kStreams;
    const int64_t time = i / static_cast<int64_t>(kStreams) * kMs + static_cast<int64_t>(s) * 100;
    const int64_t late =
        disorder_ns == 0 ? 0
                         : static_cast<int64_t>(random.below(static_cast<uint64_t>(disorder_ns)));
    arrivals.push_back({time + late, {s, time, random.normal()}});
  }
  std::stable_sort(arrivals.begin(), arrivals.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Measurement> result;
  for (const auto& arrival : arrivals) result.push_back(arrival.second);
  return result;
}

Config config_of(const char* method, int64_t lateness_ns) {
  Config config;
  config.step_ns = 40 * kMs;
  config.lateness_ns = lateness_ns;
  for (size_t s = 0; s < kStreams; ++s) {
    stream::StreamConfig one;
    one.name = fmt::format("s{}", s);
    one.method = method;
    one.options.tolerance_ns = 40 * kMs;
    config.streams.push_back(one);
  }
  return config;
}

/// Pushes all and takes each frame as it comes out; returns how many there were.
int64_t push_all(Synchronizer& synchronizer, const std::vector<Measurement>& all, Frame* frame) {
  int64_t num_frames = 0;
  for (const Measurement& one : all) {
    synchronizer.push(one.stream, one.time_ns, &one.value);
    if (one.stream == 0) num_frames += synchronizer.take(frame) ? 1 : 0;
  }
  return num_frames;
}

/// Frames against alignment of the whole recording.
void check(const Config& config, const std::vector<Measurement>& all) {
  std::vector<align::Series> series(kStreams);
  for (const Measurement& one : all) {
    series[one.stream].times_ns.push_back(one.time_ns);
    series[one.stream].values.push_back(one.value);
  }
  Synchronizer synchronizer(config);
  Frame frame;
  int64_t compared = 0;
  for (const Measurement& one : all) {
    synchronizer.push(one.stream, one.time_ns, &one.value);
    while (synchronizer.take(&frame)) {
      for (size_t s = 0; s < kStreams; ++s) {
        align::Series sorted;
        sorted.name = "check";
        std::vector<std::pair<int64_t, double>> rows;
        for (size_t i = 0; i < series[s].times_ns.size(); ++i)
          if (std::abs(series[s].times_ns[i] - frame.tick_ns) < 100 * kMs)
            rows.emplace_back(series[s].times_ns[i], series[s].values[i]);
        std::sort(rows.begin(), rows.end());
        for (const auto& [time, value] : rows) {
          sorted.times_ns.push_back(time);
          sorted.values.push_back(value);
        }
        align::Options options = config.streams[s].options;
        options.window_ns = config.step_ns;
        const double expected =
            align::align(sorted, align::find(config.streams[s].method), {frame.tick_ns}, options)
                .values[0];
        BRAID_CHECK(
            frame.values[s] == expected || (std::isnan(frame.values[s]) && std::isnan(expected)),
            internal, "{}: tick {} ns: expected {}, got {}", config.streams[s].method,
            frame.tick_ns, expected, frame.values[s]);
        ++compared;
      }
    }
  }
  BRAID_CHECK(compared > 0, internal, "no frame to check");
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void measure_throughput(int64_t count) {
  struct Case {
    const char* method;
    int64_t disorder_ns;
  };
  for (const Case& one : {Case{"previous", 0}, Case{"previous", 5 * kMs}, Case{"linear", 5 * kMs},
                          Case{"mean", 5 * kMs}}) {
    const Config config = config_of(one.method, one.disorder_ns);
    check(config, record(4000, one.disorder_ns));
    const std::vector<Measurement> all = record(count, one.disorder_ns);
    std::vector<double> rates;
    int64_t allocations = 0, frames = 0;
    for (int turn = 0; turn < kTurns; ++turn) {
      Synchronizer synchronizer(config);
      Frame frame;
      push_all(synchronizer, record(8000, one.disorder_ns), &frame);  // warm; later times follow
      std::vector<Measurement> later = all;
      for (Measurement& m : later) m.time_ns += 8000 / static_cast<int64_t>(kStreams) * kMs;
      const int64_t allocated = num_allocations;
      const double start = cpu_s();
      frames = push_all(synchronizer, later, &frame);
      rates.push_back(static_cast<double>(count) / (cpu_s() - start));
      allocations = num_allocations - allocated;
      BRAID_CHECK(synchronizer.counts().late == 0, internal, "expected none late");
    }
    BRAID_CHECK(allocations == 0, internal,
                "{}: expected no allocation, got {} for {} measurements", one.method, allocations,
                count);
    fmt::print("throughput,{},{},{},{},{:.0f},{},,,{}\n", one.method, one.disorder_ns / kMs, count,
               frames, median(rates), allocations, commit());
  }
}

/// From the push that completes a tick to the frame in the hands of a thread that waits.
void measure_latency(int64_t num_frames) {
  Config config = config_of("previous", 0);
  Synchronizer synchronizer(config);
  std::vector<std::atomic<int64_t>> pushed_ns(static_cast<size_t>(num_frames) + 2);
  std::vector<double> waited_us;
  std::thread consumer([&] {
    for (Frame frame; synchronizer.wait(&frame, 10000 * kMs);) {
      const int64_t taken = now_ns();
      const size_t tick = static_cast<size_t>(frame.tick_ns / config.step_ns);
      if (tick < pushed_ns.size())
        waited_us.push_back(static_cast<double>(taken - pushed_ns[tick]) / kUs);
    }
  });
  const double value = 1;
  for (int64_t i = 0; i <= num_frames; ++i) {
    synchronizer.push(0, i * config.step_ns, &value);
    std::this_thread::sleep_for(std::chrono::microseconds(300));
    pushed_ns[static_cast<size_t>(i)] = now_ns();
    synchronizer.push(0, i * config.step_ns + 1, &value);  // the tick i is final now
  }
  synchronizer.finish();
  consumer.join();
  std::sort(waited_us.begin(), waited_us.end());
  BRAID_CHECK(waited_us.size() >= static_cast<size_t>(num_frames), internal,
              "expected {} frames, got {}", num_frames, waited_us.size());
  fmt::print("latency,previous,0,,{},,,{:.1f},{:.1f},{}\n", waited_us.size(),
             waited_us[waited_us.size() / 2], waited_us[waited_us.size() * 99 / 100], commit());
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  const bool is_smallest = argc > 1 && std::strcmp(argv[1], "--smallest") == 0;
  try {
    fmt::print(
        "what,method,disorder_ms,measurements,frames,per_cpu_s,allocations,p50_us,p99_us,commit\n");
    braid::bench::measure_throughput(is_smallest ? 20000 : 4000000);
    braid::bench::measure_latency(is_smallest ? 20 : 2000);
  } catch (const std::exception& e) {
    fmt::print(stderr, "braid_bench_stream: {}\n", e.what());
    return 1;
  }
  return 0;
}
