// Decisions from live streams: how many a second, and how much later than the push that completes
// their window, with and without reusing what encoders made.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "bench/commit.h"
#include "braid/stream.h"
#include "core/error.h"
#include "support/live_streams.h"

namespace braid::bench {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

struct Run {
  std::vector<std::vector<double>> scores;
  std::vector<double> waited_ms;  // from the push that completes a window to its prediction
  double took_s = 0;
  StreamPredictorCounts counts;
};

Run replay(const checks::LiveStreams& streams, bool reuses) {
  StreamPredictorOptions options;
  options.predictor.num_threads = 1;
  options.start_ns = streams.start_ns();
  options.max_ages_ns["age"] = 10 * checks::kLiveSecond;
  options.lateness_ns = 0;
  options.reuses_encodings = reuses;
  StreamPredictor predictor = StreamPredictor::load(streams.bundle(), streams.report(), options);
  for (const checks::LiveValue& value : streams.values())
    predictor.push(value.time_ns, Sample().set_cell(value.field, value.cell));
  Run run;
  StreamPrediction one;
  const Clock::time_point begin = Clock::now();
  for (const checks::LiveMeasurement& m : streams.measurements()) {
    const Clock::time_point pushed = Clock::now();
    predictor.push(m.stream, m.time_ns, m.values.data(), m.values.size());
    while (predictor.next(&one)) {
      run.waited_ms.push_back(ms_since(pushed));
      run.scores.push_back(one.prediction.scores);
    }
  }
  predictor.finish(streams.end_ns());
  while (predictor.next(&one)) run.scores.push_back(one.prediction.scores);
  run.took_s = ms_since(begin) * 1e-3;
  run.counts = predictor.counts();
  return run;
}

void check(const checks::LiveStreams& streams, const Run& run) {
  const std::vector<Prediction> expected = streams.from_files();
  BRAID_CHECK(run.scores.size() == expected.size(), internal, "expected {} decisions, got {}",
              expected.size(), run.scores.size());
  for (size_t i = 0; i < expected.size(); ++i)
    BRAID_CHECK(run.scores[i] == expected[i].scores, internal,
                "decision {}: expected the scores of the sample from files", i);
}

void measure(double length_s) {
  checks::LiveOptions options;
  options.length_s = length_s;
  const checks::LiveStreams streams(options);
  for (const bool reuses : {true, false}) {
    check(streams, replay(streams, reuses));
    Run run = replay(streams, reuses);
    std::sort(run.waited_ms.begin(), run.waited_ms.end());
    const size_t count = run.waited_ms.size();
    fmt::print("live,{},{},{:.0f},{:.3f},{:.3f},{},{},{}\n", reuses ? "reuse" : "anew",
               run.scores.size(), static_cast<double>(run.scores.size()) / run.took_s,
               run.waited_ms[count / 2], run.waited_ms[count * 99 / 100], run.counts.encoders_run,
               run.counts.encoders_reused, commit());
  }
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  const bool is_smallest = argc > 1 && std::strcmp(argv[1], "--smallest") == 0;
  try {
    fmt::print(
        "what,encodings,decisions,per_s,p50_ms,p99_ms,encoders_run,encoders_reused,commit\n");
    braid::bench::measure(is_smallest ? 30 : 1200);
  } catch (const std::exception& e) {
    fmt::print(stderr, "braid_bench_live: {}\n", e.what());
    return 1;
  }
  return 0;
}
