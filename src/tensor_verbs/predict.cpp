// braid predict: from raw files to predictions, a manifest at a time or one sample by flags.
#include <ATen/Parallel.h>
#include <fmt/core.h>

#include <cstdio>

#include "braid/predictor.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/file.h"
#include "core/json.h"
#include "formats/table.h"
#include "tensor_verbs/hardware_flags.h"
#include "tensor_verbs/prediction_output.h"

namespace braid::tensor_verbs {
namespace {

constexpr int64_t kBatch = 64;

void print_one(const Predictor& predictor, const Prediction& p) {
  if (predictor.labels().empty()) {
    fmt::print("{}\n", p.value);
  } else {
    fmt::print("{}\n", p.label.empty() ? "(none)" : p.label);
    for (size_t k = 0; k < p.scores.size(); ++k)
      fmt::print("  {:<16} {:.4f}\n", predictor.labels()[k], p.scores[k]);
  }
  if (!p.missing.empty()) fmt::print("missing: {}\n", fmt::join(p.missing, ", "));
  if (!predictor.is_calibrated()) return;
  if (predictor.labels().empty())
    fmt::print("interval: {} to {} ({:g} coverage)\n", p.low, p.high, predictor.coverage());
  else
    fmt::print("set: {} ({:g} coverage)\n", p.set.empty() ? "(none)" : join(p.set, ", "),
               predictor.coverage());
  if (!p.masked.empty()) fmt::print("masked: {}\n", join(p.masked, ", "));
  if (p.is_refused) fmt::print("refused: nothing is left to predict from\n");
}

// A cell of the manifest as the predictor wants it: paths are relative to the manifest.
std::string cell_of(const FieldInfo& field, const std::string& folder, std::string_view text) {
  const std::string cell(text);
  const bool is_path = field.kind != "text" && field.kind != "numeric" && field.kind != "category";
  return is_path && !cell.empty() ? join_path(folder, cell) : cell;
}

int predict_manifest(Predictor& predictor, const std::string& manifest, const std::string& out,
                     bool is_json, bool skip_bad) {
  const formats::Table table = formats::read_table(manifest);
  const size_t slash = manifest.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "" : manifest.substr(0, slash);
  const int64_t id = table.column("id");
  cli::Terminal terminal;
  const Sinks sinks = terminal.sinks();
  std::string text;
  const PredictionNames names = names_of(predictor);
  std::vector<std::string> header = {id >= 0 ? "id" : "row"};
  for (std::string& column : columns_of(names)) header.push_back(std::move(column));
  if (!is_json) text += formats::format_csv_row(header) + "\n";
  size_t num_bad = 0;
  auto write = [&](int64_t row, const Prediction& p) {
    const std::string name = id >= 0 ? std::string(table.cell(row, id)) : std::to_string(row);
    if (is_json) {
      Json line = {{header[0], name}};
      line.update(to_json(names, p));
      text += line.dump() + "\n";
      return;
    }
    std::vector<std::string> cells = {name};
    for (std::string& cell : cells_of(names, p)) cells.push_back(std::move(cell));
    text += formats::format_csv_row(cells) + "\n";
  };
  for (int64_t begin = 0; begin < table.num_rows(); begin += kBatch) {
    if (cli::stop_requested()) return cli::kExitStopped;
    const int64_t end = std::min(begin + kBatch, table.num_rows());
    std::vector<Sample> samples;
    for (int64_t row = begin; row < end; ++row) {
      Sample sample;
      sample.set_where(fmt::format("{}:{}", manifest, table.line(row)));
      for (const FieldInfo& field : predictor.fields()) {
        const int64_t column = table.column(field.name);
        if (column >= 0)
          sample.set_cell(field.name, cell_of(field, folder, table.cell(row, column)));
      }
      samples.push_back(std::move(sample));
    }
    try {
      const std::vector<Prediction> predictions = predictor.predict(samples);
      for (size_t i = 0; i < predictions.size(); ++i)
        write(begin + static_cast<int64_t>(i), predictions[i]);
    } catch (const Error&) {
      if (!skip_bad) throw;
      // One by one, so that only the bad rows are left out.
      for (size_t i = 0; i < samples.size(); ++i) {
        try {
          write(begin + static_cast<int64_t>(i), predictor.predict(samples[i]));
        } catch (const Error& e) {
          ++num_bad;
          sinks.warn(std::string("left out: ") + e.what());
        }
      }
    }
    if (out.empty()) {
      std::fwrite(text.data(), 1, text.size(), stdout);
      text.clear();
    }
    sinks.tick({"predict", end, table.num_rows(), ""});
  }
  terminal.finish();
  if (!out.empty()) write_file_atomically(out, text);
  if (num_bad > 0)
    fmt::print(stderr, "{} of {} rows were bad and are left out.\n", num_bad, table.num_rows());
  return 0;
}

int run(const std::vector<std::string>& args) {
  cli::Command command(
      "Predict every row of a manifest, or one sample whose fields are given as flags.",
      "predict BUNDLE [MANIFEST] [--FIELD VALUE ...] [options]",
      {"braid predict compare/best new_talks.csv --out predictions.csv",
       "braid predict compare/best --image face.png --text 'so glad'",
       "braid predict compare/best new_talks.csv --json"});
  InferenceFlags hardware;
  std::string out;
  bool is_json = false, skip_bad = false, no_gate = false;
  command.option("--out", out, "write here instead of to stdout", "Output")->type_name("FILE");
  command.flag("--json", is_json, "one JSON object per sample instead of CSV", "Output");
  command.flag("--skip-bad", skip_bad, "leave bad rows out, count and list them", "Data");
  command.flag("--no-gate", no_gate, "a calibrated bundle's fault gate masks nothing", "Data");
  hardware.add(&command);
  command.allow_extras();
  if (!command.parse(args)) return 0;
  // CLI11 hands values of unknown flags to the positional words: keep the order as typed.
  std::vector<std::string> words, extras;
  cli::split_fields(args, command, &words, &extras);
  BRAID_CHECK(
      !words.empty() && words.size() <= 2, usage,
      "expected: braid predict BUNDLE [MANIFEST] [--FIELD VALUE ...]; got {} words; see --help",
      words.size());
  BRAID_CHECK(
      words.size() == 2 || !extras.empty(), usage,
      "predict: expected a manifest or the fields of one sample (--FIELD VALUE), got neither");
  BRAID_CHECK(words.size() == 1 || extras.empty(), usage,
              "predict: expected a manifest or fields, got both: {}",
              extras.empty() ? "" : extras[0]);
  PredictorOptions options;
  options.num_threads = hardware.threads;
  options.device = hardware.device;
  options.precision = hardware.precision;
  options.has_gate = !no_gate;
  hardware.parsed_precision();  // named as the flag where it is wrong
  hardware.apply();
  Predictor predictor = Predictor::load(words[0], options);
  if (words.size() == 2) {
    cli::catch_signals();
    return predict_manifest(predictor, words[1], out, is_json, skip_bad);
  }
  const Prediction prediction = predictor.predict(sample_from_flags(extras));
  if (!out.empty())
    write_file_atomically(out, to_json(names_of(predictor), prediction).dump() + "\n");
  else if (is_json)
    fmt::print("{}\n", to_json(names_of(predictor), prediction).dump());
  else
    print_one(predictor, prediction);
  return 0;
}

}  // namespace

extern const cli::Method predict = {"predict", "predict from a manifest, or one sample by flags",
                                    run};

}  // namespace braid::tensor_verbs
