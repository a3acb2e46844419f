// braid explain: what each modality contributes to a bundle's predictions, what its fusion looks
// at, and what single predictions are made of.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/file.h"
#include "explain/attribution.h"
#include "explain/samples.h"
#include "formats/table.h"
#include "model/tensors.h"
#include "report/explain_report.h"
#include "tensor_verbs/hardware_flags.h"
#include "tensor_verbs/labelled_rows.h"

namespace braid::tensor_verbs {
namespace {

// One line a row: which output, its score without any modality, each one's share, and its score.
std::string samples_csv(const explain::Contributions& made, const LabelledRows& labelled,
                        const std::vector<std::string>& labels) {
  std::vector<std::string> cells = {"row", "output", "without_any"};
  cells.insert(cells.end(), made.modalities.begin(), made.modalities.end());
  cells.push_back("score");
  std::string text = formats::format_csv_row(cells) + "\n";
  const size_t M = made.modalities.size();
  for (size_t i = 0; i < made.rows.size(); ++i) {
    const auto output = static_cast<size_t>(made.outputs[i]);
    cells = {std::to_string(labelled.rows[i] + 1), output < labels.size() ? labels[output] : "",
             fmt::format("{:.6g}", made.base[i])};
    for (size_t m = 0; m < M; ++m) cells.push_back(fmt::format("{:.6g}", made.shares[i * M + m]));
    cells.push_back(fmt::format("{:.6g}", made.score[i]));
    text += formats::format_csv_row(cells) + "\n";
  }
  return text;
}

// What the document says beyond contributions.
void add_details(model::Bundle& bundle, data::PreparedStore& store,
                 const explain::Contributions& made, const explain::DetailOptions& options,
                 size_t num_samples, Json* document) {
  (*document)["attention"] = explain::attention(bundle, store, made, options);
  (*document)["attribution"] = explain::attribution(bundle, store, made, options);
  (*document)["samples"] = explain::samples(
      bundle, store, made, explain::choose_samples(made, store.dataset().targets(), num_samples));
}

void write(const std::string& folder, const Json& document, const std::string& samples) {
  make_folders(folder);
  write_file_atomically(folder + "/explain.json", document.dump(2) + "\n");
  write_file_atomically(folder + "/samples.csv", samples);
  write_file_atomically(folder + "/report.html", report::explain_page(document));
}

int run(const std::vector<std::string>& args) {
  cli::Command command(
      "Say what each modality contributes to a bundle's predictions, alone and with the others; "
      "where "
      "its attention goes; and what in single rows speaks for the prediction.",
      "explain BUNDLE MANIFEST [options]",
      {"braid explain compare/best talks.csv --split test",
       "braid explain compare/best talks.csv --group speaker --metric macro_f1 --out why",
       "braid explain compare/best talks.csv --samples 12 --json"});
  InferenceFlags hardware;
  RowFlags chosen;
  explain::ContributionOptions options;
  std::string out = "explain";
  bool is_json = false;
  int64_t num_samples = 6;
  chosen.add(&command);
  command
      .option("--metric", options.metric,
              "what contributions are parts of; left out = accuracy, macro_f1 or rmse", "Run")
      ->type_name("NAME");
  const CLI::Option* asked =
      command
          .option(
              "--samples", num_samples,
              "rows shown in detail: half the surest right ones, half the surest wrong ones; 0 = "
              "none",
              "Run")
          ->type_name("N")
          ->check(CLI::NonNegativeNumber);
  command.option("--out", out, "folder for report.html, explain.json and samples.csv", "Run")
      ->type_name("DIR");
  hardware.add(&command);
  command.flag("--json", is_json, "print explain.json on stdout instead of the table", "Output");
  if (!command.parse(args)) return 0;
  const std::vector<std::string> words = command.positional(2, 2, nullptr);
  cli::Terminal terminal;
  hardware.apply();
  const ops::PrecisionScope precision(hardware.parsed_precision());
  model::Bundle bundle = model::load_bundle(words[0]);
  bundle.model->to(model::parse_device(hardware.device));
  const LabelledRows labelled = open_labelled(bundle, words[1], chosen, terminal.sinks());
  options.groups = labelled.groups;
  BRAID_CHECK(asked->count() == 0 || num_samples <= static_cast<int64_t>(labelled.rows.size()),
              usage, "--samples: expected at most the {} labelled rows, got {}",
              labelled.rows.size(), num_samples);
  data::PreparedStore store(labelled.dataset, bundle.preparation, /*limit_bytes=*/0);
  const explain::Contributions made = explain::contributions(bundle, store, labelled.rows, options);
  Json document = describe_run("explain", args, bundle, words);
  document.update(made.summary);
  add_details(bundle, store, made, {options.groups, options.bootstrap, terminal.sinks()},
              static_cast<size_t>(num_samples), &document);
  write(out, document, samples_csv(made, labelled, bundle.labels));
  terminal.finish();
  if (is_json)
    fmt::print("{}\n", document.dump());
  else
    fmt::print("{}\nReport:  {}/report.html\nRows:    {}/samples.csv\n",
               report::explain_table(document, cli::Terminal::width()), out, out);
  return 0;
}

}  // namespace

extern const cli::Method explain = {
    "explain", "say what each modality contributes, and what single predictions rest on", run};

}  // namespace braid::tensor_verbs
