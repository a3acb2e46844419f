// Braid and other programs in turn on the same work: same parameters, same inputs, outputs compared
// first, then A B A B, and the ratio of each pair. bench/README.md says how to run it.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "bench/suite.h"
#include "ops/kernels.h"
#include "ops/memory.h"
#include "programs/waiting.h"

namespace braid::bench {
namespace {

int run(int argc, char** argv) {
  SuiteOptions options;
  std::string kernels = "auto";
  CLI::App app("Times Braid and other programs in turn on the same work; prints CSV.");
  app.add_option(
         "--models", options.names,
         "what to run: models, fusion (every registered one) or fusion/NAME, log_mel, jpeg, "
         "train; none: all")
      ->delimiter(',');
  app.add_option("--batches", options.batches, "batch sizes; none: each model's own")
      ->delimiter(',');
  app.add_option("--threads", options.threads, "numbers of threads")->delimiter(',');
  app.add_option("--passes", options.passes,
                 "inference, training, prepare, train; none: each model's own")
      ->delimiter(',');
  app.add_option("--precisions", options.precisions,
                 "of models, ours and PyTorch's: float32, bf16 (ONNX Runtime stays float32)")
      ->delimiter(',');
  app.add_option("--pairs", options.pairs, "pairs of timings");
  app.add_option("--seconds", options.seconds, "of each half of a pair");
  app.add_option("--kernels", kernels, "ours: auto, avx512, avx2, plain, reference");
  app.add_option("--python", options.python, "a Python that can import torch");
  app.add_option("--node-modules", options.node_modules, "folder that holds onnxruntime-node");
  app.add_flag("--alone", options.is_alone, "no other programs: ours alone");
  app.add_flag("--share-cores", options.shares_cores,
               "ours: models take no more threads than other programs leave cores free");
  app.add_flag("--smallest", options.is_smallest, "little of everything, to see that it works");
  CLI11_PARSE(app, argc, argv);
  ops::choose_kernels(kernels);
  const ops::MemoryScope memory;
  if (options.is_smallest) {
    options.names = {"early", "fusion", "log_mel", "jpeg", "train"};
    options.batches = {2};
    options.threads = {1};
    options.pairs = 1;
    options.seconds = 0.001;
  }
  run_suite(options);
  return 0;
}

}  // namespace
}  // namespace braid::bench

int main(int argc, char** argv) {
  // As `braid` does; the peers, started from here, wait the same way.
  if (braid::choose_waiting()) execv("/proc/self/exe", argv);
  try {
    return braid::bench::run(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "braid_bench_side_by_side: {}\n", e.what());
    return 1;
  }
}
