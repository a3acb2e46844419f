// Braid and other programs in turn on the same models: same parameters, same inputs, outputs
// compared first, then A B A B, and the ratio of each pair. bench/README.md says how to run it.
#include <ATen/Parallel.h>
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>

#include "bench/commit.h"
#include "bench/peak.h"
#include "bench/peer.h"
#include "bench/subjects.h"
#include "core/error.h"
#include "core/file.h"
#include "formats/safetensors.h"
#include "ops/cross_entropy.h"
#include "ops/kernels.h"
#include "ops/memory.h"
#include "ops/precision.h"
#include "programs/waiting.h"
#include "train/adamw.h"

namespace braid::bench {
namespace {

using at::Tensor;

struct Options {
  std::vector<std::string> models = subject_names();
  std::vector<int64_t> batches;  // empty: those of each model
  std::vector<int> threads = {1, 2};
  std::vector<std::string> passes = {"inference", "training"}, precisions = {"float32"};
  std::string python, node = "node", node_modules;
  int pairs = 7;
  double seconds = 0.3;  // of each half of a pair
  bool is_alone = false, is_smallest = false;
};

std::vector<int64_t> batches_of(const std::string& model, bool is_training) {
  if (model == "transformer")
    return is_training ? std::vector<int64_t>{32} : std::vector<int64_t>{1, 32};
  if (model == "image_cnn") return {50};
  if (model == "vit_tiny")
    return is_training ? std::vector<int64_t>{8} : std::vector<int64_t>{1, 8};
  return {1, 4, 32, 256};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

// Ours: a forward pass without gradients, or a step of AdamW.
class Runner {
 public:
  Runner(const Subject& subject, bool is_training, ops::Precision precision)
      : subject_(subject),
        is_training_(is_training),
        precision_(precision),
        optimizer_(subject.module->named_parameters(), train::AdamWOptions{}) {
    subject_.module->train(is_training);
  }
  Tensor once() {
    const ops::PrecisionScope precision(precision_);
    if (!is_training_) {
      const c10::InferenceMode inference;
      return subject_.forward();
    }
    optimizer_.zero_grad();
    const Tensor output = subject_.forward();
    const Tensor loss = ops::cross_entropy(output, subject_.target, at::ones({output.size(0)}),
                                           at::ones({output.size(1)}), /*smoothing=*/0);
    loss.backward();
    optimizer_.step(/*lr=*/1e-3);
    return loss.detach();
  }
  /// Outputs, or the losses of the first three steps.
  std::vector<double> values() {
    std::vector<double> all;
    for (int i = 0; i < (is_training_ ? 3 : 1); ++i) {
      const Tensor part = once().to(at::kDouble).contiguous().flatten();
      all.insert(all.end(), part.data_ptr<double>(), part.data_ptr<double>() + part.numel());
    }
    return all;
  }
  std::vector<double> run(int64_t times) {
    std::vector<double> seconds;
    for (int64_t i = 0; i < times; ++i) {
      const auto started = std::chrono::steady_clock::now();
      once();
      seconds.push_back(
          std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
    }
    return seconds;
  }

 private:
  const Subject& subject_;
  bool is_training_;
  ops::Precision precision_;
  train::AdamW optimizer_;
};

void write_tensors(const std::vector<std::pair<std::string, Tensor>>& named,
                   const std::string& path) {
  formats::SafeTensors file;
  for (const auto& [name, tensor] : named) {
    const Tensor values = tensor.detach().contiguous();
    formats::SafeTensor entry;
    entry.dtype = values.scalar_type() == at::kLong ? "I64" : "F32";
    entry.shape = values.sizes().vec();
    entry.bytes.assign(static_cast<const char*>(values.data_ptr()), values.nbytes());
    file.tensors.emplace_back(name, std::move(entry));
  }
  write_file_atomically(path, formats::serialize_safetensors(file));
}

// bf16 keeps 8 bits of each factor, so that two orders of the same sums differ in the second digit.
void expect_same(const std::string& what, const std::vector<double>& ours, const Json& theirs,
                 ops::Precision precision) {
  const double tolerance = precision == ops::Precision::bf16 ? 3e-2 : 1e-3;
  const auto values = theirs.at("values").get<std::vector<double>>();
  BRAID_CHECK(values.size() == ours.size(), internal, "{}: expected {} values, got {}", what,
              ours.size(), values.size());
  for (size_t i = 0; i < ours.size(); ++i)
    BRAID_CHECK(std::abs(ours[i] - values[i]) <= tolerance * std::max(1.0, std::abs(ours[i])),
                internal, "{}: value {}: expected {} as here, got {}; nothing is timed", what, i,
                ours[i], values[i]);
}

struct Pairs {
  std::vector<double> ours, theirs, ratios;
};

int64_t times_for(const Options& options, double each_s) {
  return std::clamp<int64_t>(static_cast<int64_t>(options.seconds / each_s), 1, 10000);
}

Pairs run_alone(Runner& ours, const Options& options) {
  ours.run(2);  // warm
  const int64_t times = times_for(options, median(ours.run(3)));
  Pairs pairs;
  for (int i = 0; i < options.pairs; ++i) pairs.ours.push_back(median(ours.run(times)));
  return pairs;
}

// In turn, each half for about options.seconds.
Pairs run_pairs(Runner& ours, Peer& peer, const Options& options) {
  const auto run_peer = [&](int64_t times) {
    return peer.ask({{"do", "run"}, {"times", times}}).at("seconds").get<std::vector<double>>();
  };
  ours.run(2);  // warm
  run_peer(2);
  const int64_t our_times = times_for(options, median(ours.run(3))),
                their_times = times_for(options, median(run_peer(3)));
  Pairs pairs;
  for (int i = 0; i < options.pairs; ++i) {
    pairs.ours.push_back(median(ours.run(our_times)));
    pairs.theirs.push_back(median(run_peer(their_times)));
    pairs.ratios.push_back(pairs.theirs.back() / pairs.ours.back());
  }
  return pairs;
}

struct Case {
  std::string model;
  int64_t batch;
  int threads;
  bool is_training;
  std::string precision;
};

class Suite {
 public:
  explicit Suite(const Options& options)
      : options_(options), folder_(fmt::format("/tmp/braid_side_by_side_{}", getpid())) {
    std::filesystem::create_directories(folder_);
    if (options.is_alone) return;
    for (std::string python :
         {options.python, std::string("python3"), std::string("/usr/bin/python3")})
      if (!python.empty() && !pytorch_ && succeeds({python, "-c", "import torch"}))
        pytorch_ = {python, BRAID_SOURCE_FOLDER "/bench/peers/pytorch.py"};
    if (options.node_modules.empty())
      options_.node_modules = BRAID_SOURCE_FOLDER "/build/peers/node_modules";
    if (std::filesystem::exists(options_.node_modules))
      setenv("NODE_PATH", options_.node_modules.c_str(), /*replace=*/1);
    if (succeeds({options.node, "-e", "require('onnxruntime-node')"}))
      onnx_ = {options.node, BRAID_SOURCE_FOLDER "/bench/peers/onnxruntime.js"};
    if (!pytorch_)
      fmt::print(stderr,
                 "skipped: PyTorch (no python3 that can import torch), and ONNX Runtime, "
                 "whose models PyTorch exports\n");
    else if (!onnx_)
      fmt::print(stderr,
                 "skipped: ONNX Runtime (node cannot load onnxruntime-node; see "
                 "bench/README.md)\n");
  }
  ~Suite() { std::filesystem::remove_all(folder_); }

  void run() {
    fmt::print(
        "model,pass,batch,threads,precision,peer,ours_ms,peer_ms,ratio,ratio_low,ratio_high,"
        "of_roofline,peak_gflops,commit\n");
    for (int threads : options_.threads) {
      at::set_num_threads(threads);
      for (const std::string& precision : options_.precisions)
        peaks_[precision] = peak_operations(ops::parse_precision(precision, "--precisions"));
      for (const std::string& model : options_.models)
        for (const std::string& pass : options_.passes) {
          const bool is_training = pass == "training";
          for (int64_t batch :
               options_.batches.empty() ? batches_of(model, is_training) : options_.batches)
            for (const std::string& precision : options_.precisions)
              run_case({model, batch, threads, is_training, precision});
        }
    }
  }

 private:
  void run_case(const Case& one) {
    const Subject subject = make_subject(one.model, one.batch);
    const std::string weights = folder_ + "/weights", inputs = folder_ + "/inputs";
    write_tensors(subject.state, weights);
    auto named = subject.inputs;
    named.emplace_back("target", subject.target);
    write_tensors(named, inputs);
    std::vector<std::string> names;
    for (const auto& input : subject.inputs) names.push_back(input.first);
    const ops::Precision precision = ops::parse_precision(one.precision, "--precisions");
    Runner ours(subject, one.is_training, precision);
    const std::vector<double> values = ours.values();
    if (!pytorch_) {
      report(one, subject, "none", run_alone(ours, options_));
      return;
    }
    const std::string onnx_model = folder_ + "/model.onnx";
    {
      Peer pytorch(*pytorch_);
      const Json loaded = pytorch.ask({{"do", "load"},
                                       {"model", subject.model},
                                       {"weights", weights},
                                       {"inputs", inputs},
                                       {"names", names},
                                       {"threads", one.threads},
                                       {"precision", one.precision},
                                       {"training", one.is_training}});
      expect_same(subject.model + ": PyTorch", values, pytorch.ask({{"do", "output"}}), precision);
      report(one, subject, loaded.at("name"), run_pairs(ours, pytorch, options_));
      if (one.is_training || !onnx_) return;
      try {
        pytorch.ask({{"do", "export"}, {"path", onnx_model}, {"names", names}});
      } catch (const Error& e) {
        if (e.kind() != ErrorKind::internal) throw;
        const std::string why = e.what();
        fmt::print(stderr, "skipped: ONNX Runtime on {}: {}\n", one.model,
                   why.substr(0, why.find('\n')));
        return;
      }
    }
    Peer onnx(*onnx_);
    const Json loaded = onnx.ask({{"do", "load"},
                                  {"model", onnx_model},
                                  {"inputs", inputs},
                                  {"names", names},
                                  {"threads", one.threads}});
    expect_same(subject.model + ": ONNX Runtime", values, onnx.ask({{"do", "output"}}), precision);
    report(one, subject, loaded.at("name"), run_pairs(ours, onnx, options_));
  }

  // The work that has to be done over what the processor can do, as a share of the time taken.
  void report(const Case& one, const Subject& subject, const std::string& peer,
              const Pairs& pairs) const {
    double bytes = 0;
    for (const auto& item : subject.state) bytes += static_cast<double>(item.second.nbytes());
    if (one.precision == "bf16" && !one.is_training) bytes /= 2;  // the packed weights
    const double bandwidth = read_bandwidth(static_cast<int64_t>(bytes));
    // Backward is two more products for each, and AdamW reads and writes four arrays.
    const double operations = subject.operations * (one.is_training ? 3 : 1);
    const double peak = peaks_.at(one.precision);
    const double roofline =
        std::max(operations / peak, bytes * (one.is_training ? 9 : 1) / bandwidth);
    const double ours = median(pairs.ours);
    const auto number = [](const std::vector<double>& v, double value) {
      return v.empty() ? std::string() : fmt::format("{:.3g}", value);
    };
    std::vector<double> sorted = pairs.ratios;
    std::sort(sorted.begin(), sorted.end());
    fmt::print(
        "{},{},{},{},{},{},{:.4g},{},{},{},{},{:.2f},{:.0f},{}\n", one.model,
        one.is_training ? "training" : "inference", one.batch, one.threads, one.precision, peer,
        1e3 * ours, number(pairs.theirs, sorted.empty() ? 0 : 1e3 * median(pairs.theirs)),
        number(sorted, sorted.empty() ? 0 : median(sorted)),
        number(sorted, sorted.empty() ? 0 : sorted.front()),
        number(sorted, sorted.empty() ? 0 : sorted.back()), roofline / ours, peak / 1e9, commit());
    std::fflush(stdout);
  }

  Options options_;
  std::string folder_;
  std::optional<std::vector<std::string>> pytorch_, onnx_;
  std::map<std::string, double> peaks_;  // by precision
};

int run(int argc, char** argv) {
  Options options;
  std::string kernels = "auto";
  CLI::App app("Times Braid and other programs in turn on the same models; prints CSV.");
  app.add_option("--models", options.models, "models to run")->delimiter(',');
  app.add_option("--batches", options.batches, "batch sizes; none: each model's own")
      ->delimiter(',');
  app.add_option("--threads", options.threads, "numbers of threads")->delimiter(',');
  app.add_option("--passes", options.passes, "inference, training")->delimiter(',');
  app.add_option("--precisions", options.precisions,
                 "ours and PyTorch's: float32, bf16 (ONNX Runtime stays float32)")
      ->delimiter(',');
  app.add_option("--pairs", options.pairs, "pairs of timings");
  app.add_option("--seconds", options.seconds, "of each half of a pair");
  app.add_option("--kernels", kernels, "ours: auto, avx512, avx2, plain, reference");
  app.add_option("--python", options.python, "a Python that can import torch");
  app.add_option("--node-modules", options.node_modules, "folder that holds onnxruntime-node");
  app.add_flag("--alone", options.is_alone, "no other programs: ours alone");
  app.add_flag("--smallest", options.is_smallest, "one case, to see that it works");
  CLI11_PARSE(app, argc, argv);
  ops::choose_kernels(kernels);
  const ops::MemoryScope memory;
  if (options.is_smallest) {
    options.models = {"early"};
    options.batches = {1};
    options.threads = {1};
    options.pairs = 1;
    options.seconds = 0.01;
  }
  Suite(options).run();
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
