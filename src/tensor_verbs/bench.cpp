// braid bench: how fast a bundle is on this machine, from the start of the process to many samples
// a second.
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <optional>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/json.h"
#include "model/bundle.h"
#include "model/random_input.h"
#include "model/tensors.h"
#include "ops/kernels.h"
#include "ops/memory.h"
#include "report/numbers.h"
#include "report/text_table.h"
#include "tensor_verbs/hardware_flags.h"
#include "tensor_verbs/latency.h"

namespace braid::tensor_verbs {
namespace {

using model::Bundle;
using Inputs = std::vector<Input>;  // one per modality

constexpr int64_t kMaxBatch = 65536;
constexpr int64_t kMinCalls = 50, kMinWarmUpCalls = 5;
constexpr double kWarmUpShare = 0.2;  // of --seconds
constexpr int64_t kMaxDifferentBatches = 8;

struct Settings {
  std::string bundle, manifest;
  std::vector<int64_t> batches;
  double seconds = 1;
  bool is_json = false;
  InferenceFlags hardware;
};

/// What is timed. Calls go through the batches in turn.
struct Job {
  std::string what;     // "forward" or "end to end"
  std::string without;  // the modality left out, or ""
  int64_t batch = 1, num_batches = 1;
  std::function<std::vector<double>(int64_t i)> scores;  // of batch i, flat
  std::string name() const { return without.empty() ? what : what + " without " + without; }
};

struct Line {
  std::string what, without;
  int64_t batch = 1;
  Latency latency;
  double taken = 0;  // blocks of tensor memory a call takes from the system
};

struct Start {
  double program_s = 0, bundle_s = 0, prediction_s = 0;
};

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<int64_t> parse_batches(const std::vector<std::string>& words) {
  std::vector<int64_t> batches;
  for (const std::string& word : words) {
    const bool is_number = !word.empty() && word.size() <= 9 &&
                           word.find_first_not_of("0123456789") == std::string::npos;
    batches.push_back(is_number ? std::stoll(word) : 0);
    BRAID_CHECK(batches.back() >= 1 && batches.back() <= kMaxBatch, usage,
                "--batches: expected whole numbers from 1 to {}, got \"{}\"; give a list such as "
                "1,16,64",
                kMaxBatch, word);
  }
  return batches;
}

/// A bundle and the samples it is timed on: a manifest's rows, or random inputs where there is no
/// manifest.
class Bench {
 public:
  Bench(const Settings& settings, const Sinks& sinks)
      : settings_(settings),
        precision_(settings.hardware.parsed_precision()),
        num_threads_(settings.hardware.num_threads()) {
    start_.program_s = seconds_since_start();
    const double before = now_s();
    bundle_.emplace(model::load_bundle(settings.bundle));
    bundle_->model->to(model::parse_device(settings.hardware.device));
    start_.bundle_s = now_s() - before;
    if (!settings.manifest.empty())
      dataset_.emplace(data::Dataset::open_like(
          settings.manifest, bundle_->preparation.fields(), bundle_->preparation.modalities(),
          bundle_->target, bundle_->model->head_context().task, bundle_->labels, sinks));
    start_.prediction_s = first_prediction();
  }

  const Start& start() const { return start_; }
  const model::Model& model() const { return *bundle_->model; }
  /// Of encoder `m`, for one row.
  int64_t multiply_adds(size_t m) { return bundle_->model->encoder_work()[m].multiply_adds; }
  int64_t num_rows() const { return dataset_ ? dataset_->size() : 0; }

  /// Each is made when its turn comes, so that the inputs of one job at a time take memory.
  std::vector<std::function<Job()>> jobs() {
    std::vector<std::function<Job()>> all;
    for (int64_t batch : settings_.batches)
      all.emplace_back([this, batch] { return forward(batch, /*without=*/-1); });
    const int64_t M = static_cast<int64_t>(model().specs().size());
    for (int64_t m = 0; m < M && M > 1; ++m)
      all.emplace_back([this, m] { return forward(/*batch=*/1, m); });
    if (dataset_)
      for (int64_t batch : settings_.batches)
        all.emplace_back([this, batch] { return end_to_end(batch); });
    return all;
  }

 private:
  double first_prediction() {
    if (dataset_) {
      const std::vector<data::Sample> samples = {dataset_->sample(0)};
      const double before = now_s();
      model::score(*bundle_, samples, num_threads_, precision_);
      return now_s() - before;
    }
    const Inputs inputs = batch_of(/*batch=*/1, /*i=*/0);
    const double before = now_s();
    const ops::MemoryScope memory;
    model::infer(*bundle_->model, inputs, precision_, bundle_->calibration.get());
    return now_s() - before;
  }

  int64_t num_batches(int64_t batch) const {
    return std::clamp(num_rows() / batch, int64_t{1}, kMaxDifferentBatches);
  }

  /// Rows of the manifest from number i * batch on; after the last one comes the first.
  std::vector<data::Sample> samples_of(int64_t batch, int64_t i) const {
    std::vector<data::Sample> samples;
    for (int64_t row = i * batch; row < (i + 1) * batch; ++row)
      samples.push_back(dataset_->sample(row % dataset_->size()));
    return samples;
  }

  Inputs batch_of(int64_t batch, int64_t i) const {
    if (dataset_) return model::prepare(*bundle_, samples_of(batch, i), num_threads_).inputs;
    Inputs inputs;
    for (const data::ModalitySpec& spec : model().specs())
      inputs.push_back(on_device(model::random_input(spec, batch)));
    return inputs;
  }

  Input on_device(Input input) const {
    return model::to_device(std::move(input), model::parse_device(settings_.hardware.device));
  }

  // Inputs ready -> scores; of all modalities where `without` is -1.
  Job forward(int64_t batch, int64_t without) {
    std::vector<Inputs> batches;
    for (int64_t i = 0; i < num_batches(batch); ++i) batches.push_back(batch_of(batch, i));
    std::string name;
    if (without >= 0) {
      const data::ModalitySpec& spec = model().specs()[static_cast<size_t>(without)];
      name = spec.name;
      for (Inputs& inputs : batches)
        inputs[static_cast<size_t>(without)] = on_device(model::absent_input(spec, batch));
    }
    const auto count = static_cast<int64_t>(batches.size());
    return {
        "forward", name, batch, count, [this, batches = std::move(batches)](int64_t i) {
          const ops::MemoryScope memory;
          return model::to_doubles(model::infer(*bundle_->model, batches[static_cast<size_t>(i)],
                                                precision_, bundle_->calibration.get())
                                       .scores);
        }};
  }

  // Samples as the manifest gives them -> scores.
  Job end_to_end(int64_t batch) {
    std::vector<std::vector<data::Sample>> batches;
    for (int64_t i = 0; i < num_batches(batch); ++i) batches.push_back(samples_of(batch, i));
    const auto count = static_cast<int64_t>(batches.size());
    return {"end to end", "", batch, count, [this, batches = std::move(batches)](int64_t i) {
              const model::Scores scores =
                  model::score(*bundle_, batches[static_cast<size_t>(i)], num_threads_, precision_);
              std::vector<double> flat;
              for (const std::vector<double>& row : scores.scores)
                flat.insert(flat.end(), row.begin(), row.end());
              return flat;
            }};
  }

  const Settings& settings_;
  ops::Precision precision_;
  int num_threads_;
  Start start_;
  std::optional<Bundle> bundle_;
  std::optional<data::Dataset> dataset_;
};

void check_scores(const Job& job) {
  for (int64_t i = 0; i < job.num_batches; ++i) {
    const std::vector<double> once = job.scores(i), again = job.scores(i);
    for (double score : once)
      BRAID_CHECK(std::isfinite(score), numeric,
                  "{}, batch {}: expected finite scores, got NaN or infinity; train the model "
                  "again with a lower train.lr",
                  job.name(), job.batch);
    BRAID_CHECK(once == again, numeric,
                "{}, batch {}: expected the same scores for the same samples, got others; see "
                "whether --kernels reference or --threads 1 helps, and report it",
                job.name(), job.batch);
  }
}

// Nothing where a signal came before the first call was done.
std::optional<Line> measure(const Job& job, double seconds) {
  check_scores(job);
  const auto call = [&job](int64_t i) { job.scores(i % job.num_batches); };
  const auto is_stopped = [] { return cli::stop_requested().load(); };
  time_calls(call, kWarmUpShare * seconds, std::max(kMinWarmUpCalls, job.num_batches), is_stopped);
  const int64_t before = ops::memory_use().num_taken;
  std::vector<double> durations = time_calls(call, seconds, kMinCalls, is_stopped);
  const double taken = static_cast<double>(ops::memory_use().num_taken - before);
  if (durations.empty()) return std::nullopt;
  const double count = static_cast<double>(durations.size());
  return Line{job.what, job.without, job.batch, summarize(std::move(durations)), taken / count};
}

Json to_json(const Line& line) {
  const Latency& l = line.latency;
  Json out = {{"what", line.what}};
  if (!line.without.empty()) out["without"] = line.without;
  out.update({{"batch", line.batch},
              {"p50_ms", l.p50_ms},
              {"p90_ms", l.p90_ms},
              {"p99_ms", std::isnan(l.p99_ms) ? Json() : Json(l.p99_ms)},
              {"samples_per_s", l.calls_per_s * static_cast<double>(line.batch)},
              {"calls", l.num_calls},
              {"blocks_taken", line.taken}});
  return out;
}

std::string number(double value) {
  return std::isnan(value) ? "-" : report::fixed(value, report::decimals_for(value));
}

std::string table_text(const std::vector<Line>& lines) {
  using report::Align;
  report::TextTable table({{"what"},
                           {"batch", Align::right},
                           {"p50 ms", Align::right},
                           {"p90 ms", Align::right},
                           {"p99 ms", Align::right},
                           {"samples/s", Align::right},
                           {"calls", Align::right},
                           {"blocks taken", Align::right}});
  for (const Line& line : lines) {
    const Latency& l = line.latency;
    table.add_row({line.without.empty() ? line.what : line.what + " without " + line.without,
                   std::to_string(line.batch), number(l.p50_ms), number(l.p90_ms), number(l.p99_ms),
                   number(l.calls_per_s * static_cast<double>(line.batch)),
                   std::to_string(l.num_calls), fmt::format("{:.3g}", line.taken)});
  }
  return table.str();
}

Json setup_json(const Settings& settings, Bench& bench) {
  Json multiply_adds = Json::object();
  for (size_t m = 0; m < bench.model().specs().size(); ++m)
    multiply_adds[bench.model().specs()[m].name] = bench.multiply_adds(m);
  return {{"what", "setup"},
          {"bundle", settings.bundle},
          {"modalities", bench.model().config().modalities},
          {"fusion", bench.model().fusion_method().name},
          {"parameters", bench.model().num_parameters()},
          {"encoder_multiply_adds", multiply_adds},
          {"inputs", settings.manifest.empty() ? Json("random") : Json(settings.manifest)},
          {"device", settings.hardware.device},
          {"threads", settings.hardware.num_threads()},
          {"kernels", ops::describe_kernels()},
          {"precision", settings.hardware.precision}};
}

Json start_json(const Start& start) {
  const bool is_known = !std::isnan(start.program_s);
  return {{"what", "start"},
          {"program_s", is_known ? Json(start.program_s) : Json()},
          {"bundle_s", start.bundle_s},
          {"first_prediction_s", start.prediction_s}};
}

std::string setup_text(const Settings& settings, Bench& bench) {
  std::vector<std::string> work;
  for (size_t m = 0; m < bench.model().specs().size(); ++m)
    work.push_back(fmt::format("{} {}", bench.model().specs()[m].name,
                               report::short_count(bench.multiply_adds(m))));
  const Start& start = bench.start();
  const bool is_known = !std::isnan(start.program_s);
  const double total = start.program_s + start.bundle_s + start.prediction_s;
  const std::string inputs = settings.manifest.empty()
                                 ? "random, nothing missing, as long as the model reads"
                                 : fmt::format("{} rows of {}, one batch after the other",
                                               bench.num_rows(), report::plain(settings.manifest));
  return fmt::format(
      "bundle   {}: {} of {}, {} parameters\n"
      "encoders {} multiply-adds a row\n"
      "machine  {}, threads {}, {}, {}\n"
      "inputs   {}\n\n"
      "start to first prediction  {} s\n"
      "  program and libraries    {} s\n"
      "  bundle, read and built   {:.3f} s\n"
      "  first prediction         {:.3f} s\n\n",
      report::plain(settings.bundle), bench.model().fusion_method().name,
      fmt::join(bench.model().config().modalities, ", "),
      report::short_count(bench.model().num_parameters()), fmt::join(work, ", "),
      settings.hardware.device, settings.hardware.num_threads(), ops::describe_kernels(),
      settings.hardware.precision, inputs, is_known ? fmt::format("{:.3f}", total) : "-",
      is_known ? fmt::format("{:.3f}", start.program_s) : "-", start.bundle_s, start.prediction_s);
}

int run_bench(const Settings& settings) {
  cli::Terminal terminal;
  const Sinks sinks = terminal.sinks();
  cli::catch_signals();
  Bench bench(settings, sinks);
  if (settings.is_json)
    fmt::print("{}\n{}\n", setup_json(settings, bench).dump(), start_json(bench.start()).dump());
  else
    fmt::print("{}", setup_text(settings, bench));
  std::fflush(stdout);
  const std::vector<std::function<Job()>> jobs = bench.jobs();
  std::vector<Line> lines;
  for (size_t j = 0; j < jobs.size() && !cli::stop_requested(); ++j) {
    const Job job = jobs[j]();
    sinks.tick({"bench", static_cast<int64_t>(j), static_cast<int64_t>(jobs.size()),
                fmt::format("{}, batch {}", job.name(), job.batch)});
    const std::optional<Line> line = measure(job, settings.seconds);
    if (!line) break;
    if (settings.is_json) fmt::print("{}\n", to_json(*line).dump());
    lines.push_back(*line);
  }
  terminal.finish();
  if (!settings.is_json) fmt::print("{}", table_text(lines));
  return cli::stop_requested() ? cli::kExitStopped : 0;
}

int run(const std::vector<std::string>& args) {
  cli::Command command(
      "Measure how fast a bundle is on this machine: latency, samples a second, start.",
      "bench BUNDLE [MANIFEST] [options]",
      {"braid bench compare/best", "braid bench compare/best talks.csv --batches 1,16",
       "braid bench compare/best --threads 1 --precision bf16 --json"});
  Settings settings;
  std::vector<std::string> batches = {"1", "2", "4", "8", "16", "32", "64"};
  command
      .list("--batches", batches, "samples in a call, a line for each [1,2,4,8,16,32,64]", "Timing")
      ->type_name("N,N");
  command.option("--seconds", settings.seconds, "for each line; 50 calls at least", "Timing")
      ->check(CLI::Range(0.0, 3600.0))
      ->type_name("S");
  settings.hardware.add(&command);
  command.flag("--json", settings.is_json, "one JSON object per line instead of a table", "Output");
  if (!command.parse(args)) return 0;
  const std::vector<std::string> words = command.positional(1, 2, nullptr);
  settings.bundle = words[0];
  if (words.size() == 2) settings.manifest = words[1];
  settings.batches = parse_batches(batches);
  settings.hardware.parsed_precision();
  settings.hardware.apply();
  return run_bench(settings);
}

}  // namespace

extern const cli::Method bench = {"bench", "latency and throughput of a bundle on this machine",
                                  run};

}  // namespace braid::tensor_verbs
