// braid stream: recorded streams through a bundle as they came, with one line for each decision.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <thread>

#include "cli/command.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/file.h"
#include "formats/table.h"
#include "tensor_verbs/hardware_flags.h"
#include "tensor_verbs/latency.h"
#include "tensor_verbs/prediction_output.h"
#include "tensor_verbs/replay.h"

namespace braid::tensor_verbs {
namespace {

constexpr int64_t kLookNs = 100000000;  // how often a stop is noticed

struct StreamFlags {
  std::string plan, key, recording, window, hop, out;
  double speed = 1, budget_ms = 0;
  bool is_fast = false, is_json = false, has_no_gate = false;
  InferenceFlags hardware;
};

void add_flags(cli::Command* command, StreamFlags* flags) {
  const char* streams = "Streams";
  command
      ->option("--plan", flags->plan,
               "report.json that braid align wrote beside the training samples", streams)
      ->type_name("FILE");
  command->option("--key", flags->key, "column that says which recording a row belongs to", streams)
      ->type_name("COL");
  command
      ->option("--recording", flags->recording, "this one alone; left out = all, in turn", streams)
      ->type_name("KEY");
  command
      ->option("--window", flags->window, "length of a window; left out = as the plan says",
               streams)
      ->type_name("TIME");
  command
      ->option("--hop", flags->hop, "from window to window; left out = as the plan says", streams)
      ->type_name("TIME");
  const char* time = "Time";
  command->option("--speed", flags->speed, "so many times as fast as it came", time)
      ->type_name("N");
  command->flag("--as-fast", flags->is_fast, "as fast as possible", time);
  command
      ->option("--budget", flags->budget_ms,
               "milliseconds for encoders; the rest keep their last encoding; 0 = none", time)
      ->type_name("MS");
  command->flag("--no-gate", flags->has_no_gate, "a calibrated bundle's fault gate masks nothing",
                "Model");
  command->option("--out", flags->out, "write a table too", "Output")->type_name("FILE");
  command->flag("--json", flags->is_json, "one JSON object per decision", "Output");
  flags->hardware.add(command);
}

StreamPredictorOptions options_of(const StreamFlags& flags) {
  StreamPredictorOptions options;
  options.predictor.num_threads = flags.hardware.threads;
  options.predictor.device = flags.hardware.device;
  options.predictor.precision = flags.hardware.precision;
  options.predictor.has_gate = !flags.has_no_gate;
  if (!flags.window.empty()) options.window_ns = align::parse_duration(flags.window, "--window");
  if (!flags.hop.empty()) options.hop_ns = align::parse_duration(flags.hop, "--hop");
  BRAID_CHECK(flags.budget_ms >= 0, usage, "--budget: expected 0 or more, got {}", flags.budget_ms);
  options.latency_budget_ms = flags.budget_ms;
  options.lateness_ns = 0;  // a replay is in order
  options.backpressure = Backpressure::block;
  return options;
}

std::string seconds_text(double seconds) {
  return std::isfinite(seconds) ? fmt::format("{:.3f}", seconds) : "";
}

// The lines of decisions, on stdout and in the table.
class Output {
 public:
  Output(PredictionNames names, bool is_json, bool has_key)
      : names_(std::move(names)), is_json_(is_json), has_key_(has_key) {
    std::vector<std::string> header;
    if (has_key) header.emplace_back("key");
    header.insert(header.end(), {"t_start", "t_end"});
    for (std::string& column : columns_of(names_)) header.push_back(std::move(column));
    for (const std::string& modality : names_.modalities) {
      header.push_back("staleness:" + modality);
      header.push_back("encoding:" + modality);
    }
    table_ = formats::format_csv_row(header) + "\n";
    if (!is_json) print_line("time", names_.target, "score", "present", "staleness");
  }

  void add(const std::string& key, const StreamPrediction& one) {
    is_json_ ? print_json(key, one) : print_text(key, one);
    std::fflush(stdout);
    std::vector<std::string> cells;
    if (has_key_) cells.push_back(key);
    cells.push_back(fmt::format("{}", align::seconds(one.start_ns)));
    cells.push_back(fmt::format("{}", align::seconds(one.end_ns)));
    for (std::string& cell : cells_of(names_, one.prediction)) cells.push_back(std::move(cell));
    for (const ModalityState& state : one.modalities) {
      cells.push_back(seconds_text(state.staleness_s));
      cells.emplace_back(encoding_of(state));
    }
    table_ += formats::format_csv_row(cells) + "\n";
  }

  const std::string& table() const { return table_; }

 private:
  static const char* encoding_of(const ModalityState& state) {
    return state.was_encoded ? "new" : state.is_outdated ? "outdated" : "kept";
  }

  static void print_line(const std::string& time, const std::string& label,
                         const std::string& score, const std::string& present,
                         const std::string& staleness) {
    fmt::print("{:<12}  {:<12}  {:>8}  {:<24}  {}\n", time, label, score, present, staleness);
  }

  void print_text(const std::string& key, const StreamPrediction& one) const {
    std::vector<std::string> present, staleness;
    for (const ModalityState& state : one.modalities) {
      if (!state.is_present) continue;
      present.push_back(state.name);
      staleness.push_back(
          fmt::format("{:.2f} s{}", state.staleness_s, state.is_outdated ? " outdated" : ""));
    }
    const std::string time = align::format_time(one.end_ns);
    const Prediction& p = one.prediction;
    const std::string label = p.label.empty() ? "(none)" : p.label;
    print_line(has_key_ ? key + " " + time : time, names_.is_regression() ? "" : label,
               fmt::format("{:.4f}", p.value), present.empty() ? "-" : join(present, ","),
               staleness.empty() ? "-" : join(staleness, ", "));
  }

  void print_json(const std::string& key, const StreamPrediction& one) const {
    Json line = Json::object();
    if (has_key_) line["key"] = key;
    line["t_start"] = align::seconds(one.start_ns);
    line["t_end"] = align::seconds(one.end_ns);
    line.update(to_json(names_, one.prediction));
    line["modalities"] = Json::object();
    for (const ModalityState& state : one.modalities)
      line["modalities"][state.name] = {{"present", state.is_present},
                                        {"staleness_s", finite_or_null(state.staleness_s)},
                                        {"encoding", encoding_of(state)}};
    line["latency_ms"] = one.latency_ms;
    fmt::print("{}\n", line.dump());
  }

  PredictionNames names_;
  bool is_json_, has_key_;
  std::string table_;
};

// What all recordings came to.
struct Summary {
  std::vector<double> latencies_ms;
  int64_t run = 0, saved = 0, outdated = 0;
  SynchronizerCounts drops;

  void add(const StreamPredictorCounts& counts) {
    run += counts.encoders_run;
    saved += counts.encoders_reused;
    outdated += counts.encoders_outdated;
    const SynchronizerCounts& more = counts.measurements;
    drops.late += more.late;
    drops.ahead += more.ahead;
    drops.duplicate += more.duplicate;
    drops.overflow += more.overflow;
  }

  void print() {
    std::sort(latencies_ms.begin(), latencies_ms.end());
    std::string text =
        fmt::format("{} decision{}", latencies_ms.size(), latencies_ms.size() == 1 ? "" : "s");
    if (!latencies_ms.empty())
      text += fmt::format(", latency {:.2f} ms (p50), {:.2f} ms (p99)",
                          percentile(latencies_ms, 50), percentile(latencies_ms, 99));
    text += fmt::format("; encoders ran {} times, {} times were saved", run, saved);
    if (outdated > 0) text += fmt::format(", {} times put off", outdated);
    std::vector<std::string> dropped;
    for (const auto& [reason, count] :
         {std::pair("late", drops.late), std::pair("ahead", drops.ahead),
          std::pair("duplicate", drops.duplicate), std::pair("overflow", drops.overflow)})
      if (count > 0) dropped.push_back(fmt::format("{} {}", count, reason));
    text += "; dropped: " + (dropped.empty() ? "none" : join(dropped, ", "));
    fmt::print(stderr, "{}\n", text);
  }
};

// One recording: its measurements from a thread of their own, its decisions in this one.
void run_one(const Recording& recording, double speed, StreamPredictor* predictor, Output* output,
             Summary* summary) {
  std::atomic<bool> is_stopped{false};
  std::exception_ptr problem;
  std::thread producer([&] {
    try {
      replay(recording, speed, is_stopped, predictor);
    } catch (...) {
      problem = std::current_exception();
      predictor->close();
    }
  });
  const auto stop = [&] {
    is_stopped = true;
    predictor->close();
    producer.join();
  };
  try {
    for (StreamPrediction one; !cli::stop_requested() && !predictor->is_over();) {
      if (!predictor->wait(&one, kLookNs)) continue;
      output->add(recording.key, one);
      summary->latencies_ms.push_back(one.latency_ms);
    }
  } catch (...) {
    stop();
    throw;
  }
  stop();
  if (problem) std::rethrow_exception(problem);
  summary->add(predictor->counts());
}

std::vector<std::string> keys_of(const align::StreamTable& table, const std::string& wanted) {
  if (wanted.empty()) return table.keys;
  if (std::find(table.keys.begin(), table.keys.end(), wanted) == table.keys.end())
    throw Error(ErrorKind::usage, "--recording: " + unknown_name("key", wanted, table.keys));
  return {wanted};
}

int run_all(const StreamFlags& flags, const std::vector<std::string>& words,
            const std::vector<std::string>& fields) {
  const AlignPlan plan = AlignPlan::read(flags.plan);
  const align::StreamTable table = align::read_stream_table(words[1], flags.key);
  const std::vector<std::string> keys = keys_of(table, flags.recording);
  const Sample constants = sample_from_flags(fields);
  StreamPredictorOptions options = options_of(flags);
  std::unique_ptr<Output> output;
  Summary summary;
  cli::catch_signals();
  for (const std::string& key : keys) {
    if (cli::stop_requested()) break;
    const Recording recording = read_recording(table, key, plan);
    options.start_ns = recording.span.start_ns;
    StreamPredictor predictor = StreamPredictor::load(words[0], plan, options);
    if (!fields.empty()) predictor.push(recording.span.start_ns, constants);
    if (!output)
      output =
          std::make_unique<Output>(names_of(predictor), flags.is_json, !table.key_column.empty());
    run_one(recording, flags.is_fast ? 0 : flags.speed, &predictor, output.get(), &summary);
  }
  if (output && !flags.out.empty()) write_file_atomically(flags.out, output->table());
  summary.print();
  return cli::stop_requested() ? cli::kExitStopped : 0;
}

int run(const std::vector<std::string>& args) {
  cli::Command command(
      "Replay recorded streams through a bundle as they came, with a decision for each window.",
      "stream BUNDLE STREAMS --plan REPORT [--FIELD VALUE ...] [options]",
      {"braid stream compare/best streams.csv --plan samples/report.json",
       "braid stream compare/best streams.csv --plan samples/report.json --as-fast --json",
       "braid stream compare/best new.csv --plan samples/report.json --key session --speed 10"});
  StreamFlags flags;
  add_flags(&command, &flags);
  command.allow_extras();
  if (!command.parse(args)) return 0;
  std::vector<std::string> words, fields;
  cli::split_fields(args, command, &words, &fields);
  BRAID_CHECK(words.size() == 2, usage,
              "expected: braid stream BUNDLE STREAMS --plan REPORT; got {} words; see --help",
              words.size());
  BRAID_CHECK(!flags.plan.empty(), usage,
              "--plan: expected the report.json of the training samples, got none; `braid align` "
              "wrote it beside them");
  BRAID_CHECK(flags.speed > 0, usage, "--speed: expected more than 0, got {}", flags.speed);
  BRAID_CHECK(!flags.is_fast || flags.speed == 1, usage,
              "--as-fast: expected no --speed with it, got both; leave one out");
  flags.hardware.parsed_precision();  // named as the flag where it is wrong
  flags.hardware.apply();
  return run_all(flags, words, fields);
}

}  // namespace

extern const cli::Method stream = {"stream", "predict from recorded streams, as they came", run};

}  // namespace braid::tensor_verbs
