#include "bench/suite.h"

#include <ATen/Parallel.h>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>

#include "bench/commit.h"
#include "bench/peak.h"
#include "bench/peer.h"
#include "bench/work.h"
#include "core/error.h"
#include "core/file.h"
#include "ops/precision.h"

namespace braid::bench {
namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

void expect_same(const std::string& what, const std::vector<double>& ours,
                 const std::vector<double>& theirs, double tolerance) {
  BRAID_CHECK(theirs.size() == ours.size(), internal, "{}: expected {} values, got {}", what,
              ours.size(), theirs.size());
  for (size_t i = 0; i < ours.size(); ++i)
    BRAID_CHECK(std::abs(ours[i] - theirs[i]) <= tolerance * std::max(1.0, std::abs(ours[i])),
                internal, "{}: value {}: expected {} as here, got {}; nothing is timed", what, i,
                ours[i], theirs[i]);
}

std::vector<double> run_ours(const Work& work, int64_t times) {
  std::vector<double> seconds;
  for (int64_t i = 0; i < times; ++i) {
    const auto started = std::chrono::steady_clock::now();
    work.once();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  }
  return seconds;
}

std::vector<double> run_theirs(Peer& peer, int64_t times) {
  return peer.ask({{"do", "run"}, {"times", times}}).at("seconds").get<std::vector<double>>();
}

struct Pairs {
  std::vector<double> ours, theirs, ratios;
};

/// In turn with the peer, or alone where there is none; each half for about options.seconds.
class Pairing {
 public:
  Pairing(const SuiteOptions& options, const Work& work, Peer* peer)
      : options_(options), work_(work), peer_(peer) {}
  Pairs run() {
    const int64_t our_times = times([&](int64_t n) { return run_ours(work_, n); }),
                  their_times = peer_ == nullptr
                                    ? 0
                                    : times([&](int64_t n) { return run_theirs(*peer_, n); });
    Pairs pairs;
    for (int i = 0; i < (work_.is_long ? std::min(options_.pairs, 3) : options_.pairs); ++i) {
      pairs.ours.push_back(median(run_ours(work_, our_times)));
      if (peer_ == nullptr) continue;
      pairs.theirs.push_back(median(run_theirs(*peer_, their_times)));
      pairs.ratios.push_back(pairs.theirs.back() / pairs.ours.back());
    }
    std::sort(pairs.ratios.begin(), pairs.ratios.end());
    return pairs;
  }

 private:
  template <class Run>
  int64_t times(const Run& run) const {
    if (work_.is_long) return 1;
    run(2);  // warm
    return std::clamp<int64_t>(static_cast<int64_t>(options_.seconds / median(run(3))), 1, 10000);
  }
  const SuiteOptions& options_;
  const Work& work_;
  Peer* peer_;
};

class Suite {
 public:
  explicit Suite(const SuiteOptions& options) : options_(options) {
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
      skip("PyTorch",
           "no python3 that can import torch; and ONNX Runtime, whose models PyTorch exports");
    else if (!onnx_)
      skip("ONNX Runtime", "node cannot load onnxruntime-node; see bench/README.md");
  }

  void run() {
    const std::vector<std::string> names = chosen();
    fmt::print(
        "model,pass,batch,threads,precision,peer,ours_ms,peer_ms,ratio,ratio_low,ratio_high,"
        "of_roofline,peak_gflops,commit\n");
    for (const int threads : options_.threads) {
      at::set_num_threads(threads);
      for (const std::string& precision : options_.precisions)
        peaks_[precision] = peak_operations(ops::parse_precision(precision, "--precisions"));
      for (const std::string& name : names) run_name(name, threads);
    }
  }

 private:
  static void skip(const std::string& what, const std::string& why) {
    fmt::print(stderr, "skipped: {} ({})\n", what, why.substr(0, why.find('\n')));
  }

  std::vector<std::string> chosen() {
    std::vector<std::string> names;
    if (options_.names.empty()) options_.names = work_names();
    for (const std::string& word : options_.names) {
      const size_t before = names.size();
      for (const std::string& name : work_names())
        if (is_named(name, word)) names.push_back(name);
      if (names.size() == before)
        throw Error(ErrorKind::usage, unknown_name("model", word, work_names()));
    }
    names.erase(std::remove_if(names.begin(), names.end(),
                               [this](const std::string& name) { return !can_run(name); }),
                names.end());
    return names;
  }

  bool can_run(const std::string& name) {
    std::string why = what_hinders(name);
    if (why.empty() && pytorch_) {
      if (!pytorch_peer_) pytorch_peer_.emplace(*pytorch_);
      why = pytorch_peer_->ask({{"do", "hindered"}, {"model", name}}).at("why");
    }
    if (!why.empty()) skip(name, why);
    return why.empty();
  }

  void run_name(const std::string& name, int threads) {
    for (const std::string& pass : passes_of(name)) {
      if (!options_.passes.empty() &&
          std::find(options_.passes.begin(), options_.passes.end(), pass) == options_.passes.end())
        continue;
      for (const int64_t batch :
           options_.batches.empty() ? batches_of(name, pass) : options_.batches)
        for (const std::string& precision : options_.precisions)
          run_one({name, pass, batch, precision, threads, options_.shares_cores, folder_.path(),
                   options_.is_smallest});
    }
  }

  void run_one(const Request& one) {
    const Work work = make_work(one);
    if (!pytorch_) {
      report(one, work, "none", Pairing(options_, work, nullptr).run());
      return;
    }
    const std::vector<double> values = work.values();
    if (work.shares_peer) {
      run_beside(one, work, values, work.load, &*pytorch_peer_);
      return;
    }
    const std::string onnx_model = folder_ / "model.onnx";
    {
      Peer pytorch(*pytorch_);
      run_beside(one, work, values, work.load, &pytorch);
      if (!work.has_onnx || !onnx_) return;
      try {
        pytorch.ask({{"do", "export"}, {"path", onnx_model}, {"names", work.load["names"]}});
      } catch (const Error& e) {
        if (e.kind() != ErrorKind::internal) throw;
        skip("ONNX Runtime on " + one.name, e.what());
        return;
      }
    }
    Peer onnx(*onnx_);
    run_beside(
        one, work, values,
        {{"model", onnx_model}, {"inputs", work.load["inputs"]}, {"names", work.load["names"]}},
        &onnx);
  }

  void run_beside(const Request& one, const Work& work, const std::vector<double>& values,
                  Json load, Peer* peer) {
    load["do"] = "load";
    load["threads"] = one.threads;
    const std::string name = peer->ask(load).at("name");
    const auto theirs = peer->ask({{"do", "output"}}).at("values").get<std::vector<double>>();
    expect_same(one.name + ": " + name, values, theirs, work.tolerance);
    if (*work.score != '\0')
      fmt::print(stderr, "{}, {} threads: {}: here {:.3f}, {} {:.3f}\n", one.name, one.threads,
                 work.score, values[0], name, theirs[0]);
    report(one, work, name, Pairing(options_, work, peer).run());
  }

  // The time of the work that has to be done by what the processor can do, as a share of the time
  // taken.
  std::string roofline(const Request& one, const Work& work, double seconds) const {
    if (work.operations == 0 && work.bytes == 0) return "-";
    const double bandwidth = read_bandwidth(static_cast<int64_t>(work.resident));
    return fmt::format(
        "{:.2f}",
        std::max(work.operations / peaks_.at(one.precision), work.bytes / bandwidth) / seconds);
  }

  void report(const Request& one, const Work& work, const std::string& peer,
              const Pairs& pairs) const {
    const double ours = median(pairs.ours);
    fmt::print("{},{},{},{},{},{},{:.4g},", one.name, one.pass, one.batch, one.threads,
               one.precision, peer, 1e3 * ours);
    if (pairs.ratios.empty())
      fmt::print(",,,,");
    else
      fmt::print("{:.3g},{:.3g},{:.3g},{:.3g},", 1e3 * median(pairs.theirs), median(pairs.ratios),
                 pairs.ratios.front(), pairs.ratios.back());
    fmt::print("{},{:.0f},{}\n", roofline(one, work, ours), peaks_.at(one.precision) / 1e9,
               commit());
    std::fflush(stdout);
  }

  SuiteOptions options_;
  const TemporaryFolder folder_;
  std::optional<std::vector<std::string>> pytorch_, onnx_;
  std::optional<Peer> pytorch_peer_;     // asked what it can do, and shared by small work
  std::map<std::string, double> peaks_;  // by precision
};

}  // namespace

void run_suite(const SuiteOptions& options) { Suite(options).run(); }

}  // namespace braid::bench
