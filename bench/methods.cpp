// Times forward, and forward with backward, of every registered encoder and fusion and of their
// stock counterparts; prints CSV.
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "bench/cases.h"
#include "bench/commit.h"
#include "core/error.h"
#include "core/thread_pool.h"
#include "ops/random.h"

namespace braid::bench {
namespace {

constexpr int kWarmUps = 3, kRounds = 30;

// One pass; its result is the output, or every gradient.
at::Tensor run_pass(const Case& made, bool is_backward) {
  ops::RandomScope random(1);  // the same dropout every time
  if (!is_backward) {
    torch::NoGradGuard no_grad;
    return made.output();
  }
  made.module->zero_grad(/*set_to_none=*/true);
  made.output().sum().backward();
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& p : made.module->parameters())
    if (p.grad().defined()) gradients.push_back(p.grad().flatten());
  return at::cat(gradients);
}

void check(const Plan& plan, const Case& made, bool is_backward) {
  torch::manual_seed(1);  // stock modules draw from libtorch's own generator
  const at::Tensor first = run_pass(made, is_backward).clone();
  torch::manual_seed(1);
  const at::Tensor second = run_pass(made, is_backward);
  BRAID_CHECK(at::isfinite(first).all().item<bool>(), internal, "{} {}: expected finite results",
              plan.name, plan.size);
  BRAID_CHECK(first.equal(second), internal, "{} {}: expected the same bits twice", plan.name,
              plan.size);
}

struct Failures {
  std::vector<std::string> messages;
};

void time_plan(benchmark::State& state, const Plan& plan, bool is_backward, Failures* failures) {
  std::vector<double> times;
  try {
    const Case made = plan.make();
    made.module->train(is_backward);
    check(plan, made, is_backward);
    for (int i = 0; i < kWarmUps && state.max_iterations > 1; ++i) run_pass(made, is_backward);
    for (auto _ : state) {
      const auto started = std::chrono::steady_clock::now();
      benchmark::DoNotOptimize(run_pass(made, is_backward));
      times.push_back(
          std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
      state.SetIterationTime(times.back());
    }
  } catch (const std::exception& e) {
    failures->messages.push_back(e.what());
    state.SkipWithError(e.what());
    return;
  }
  std::sort(times.begin(), times.end());
  state.counters["median_ms"] = 1e3 * times[times.size() / 2];
  state.counters["p95_ms"] = 1e3 * times[times.size() * 95 / 100];
}

class CsvReporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override {
    fmt::print("name,pass,size,median_ms,p95_ms,threads,commit\n");
    return true;
  }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const auto median = run.counters.find("median_ms");
      if (median == run.counters.end()) continue;  // it failed: main says why
      fmt::print("{},{:.4f},{:.4f},{},{}\n", run.run_name.function_name, median->second.value,
                 run.counters.at("p95_ms").value, at::get_num_threads(), commit());
    }
    std::fflush(stdout);
  }
};

void add(const Plan& plan, bool is_smallest, Failures* failures) {
  if (is_smallest && plan.size != sizes().front().name) return;
  try {
    const bool has_parameters = !plan.make().module->parameters().empty();
    for (const char* pass : {"forward", "forward_backward"}) {
      const bool is_backward = std::strcmp(pass, "forward") != 0;
      if (is_backward && !has_parameters) continue;
      // The name is the first three cells of the line.
      benchmark::RegisterBenchmark(fmt::format("{},{},{}", plan.name, pass, plan.size).c_str(),
                                   [plan, is_backward, failures](benchmark::State& state) {
                                     time_plan(state, plan, is_backward, failures);
                                   })
          ->Iterations(is_smallest ? 1 : kRounds)
          ->UseManualTime();
    }
  } catch (const std::exception& e) {
    failures->messages.push_back(e.what());
  }
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  using namespace braid::bench;
  bool is_smallest = false;
  int threads = 1, kept = 1;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--smallest") == 0)
      is_smallest = true;
    else if (std::strncmp(argv[i], "--threads=", 10) == 0)
      threads = std::atoi(argv[i] + 10);
    else
      argv[kept++] = argv[i];
  }
  argc = kept;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  at::set_num_threads(braid::resolve_threads(threads));
  Failures failures;
  for (const Plan& plan : method_plans()) add(plan, is_smallest, &failures);
  for (const Plan& plan : stock_plans()) add(plan, is_smallest, &failures);
  CsvReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  for (const std::string& message : failures.messages) fmt::print(stderr, "{}\n", message);
  return failures.messages.empty() ? 0 : 1;
}
