// braid stress: how a bundle fares when modalities are missing, corrupted or paired wrongly.
#include "explain/stress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "align/series.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/file.h"
#include "core/version.h"
#include "corruptions/corruption.h"
#include "explain/robustness.h"
#include "model/tensors.h"
#include "report/stress_report.h"
#include "tensor_verbs/hardware_flags.h"
#include "tensor_verbs/labelled_rows.h"

namespace braid::tensor_verbs {
namespace {

// The same conditions for another bundle: it reads the manifest in its own way.
Json stress_of(const std::string& folder, const std::string& manifest,
               const InferenceFlags& hardware, const RowFlags& chosen, const Sinks& sinks,
               explain::StressOptions options) {
  model::Bundle bundle = model::load_bundle(folder);
  bundle.model->to(model::parse_device(hardware.device));
  const LabelledRows labelled = open_labelled(bundle, manifest, chosen, sinks);
  options.groups = labelled.groups;
  return explain::stress(bundle, labelled.dataset, labelled.rows, options);
}

// A constant offset and one of each sample's own, up to the same size.
void choose_skews(const std::vector<std::string>& skews, const model::Model& model,
                  explain::StressOptions* options) {
  if (skews.empty()) return;
  const bool has_clock =
      std::any_of(model.specs().begin(), model.specs().end(), [](const data::ModalitySpec& spec) {
        return corruptions::applies(corruptions::find("late"), spec.kind);
      });
  BRAID_CHECK(
      has_clock, usage,
      "--skew: expected a modality with a clock (audio, video, series), got none in the bundle");
  BRAID_CHECK(options->corruptions.empty(), usage,
              "--skew: expected no --corruptions beside it, got both; give one of them");
  std::set<double> late, jitter;
  for (const std::string& text : skews) {
    const double ms = align::seconds(align::parse_duration(text, "--skew")) * 1000;
    late.insert(ms);
    if (ms != 0) jitter.insert(std::abs(ms));
  }
  options->levels["late"].assign(late.begin(), late.end());
  options->levels["jitter"].assign(jitter.begin(), jitter.end());
  for (const auto& [name, levels] : options->levels)
    if (!levels.empty()) options->corruptions.push_back(name);
}

int run(const std::vector<std::string>& args) {
  cli::Command command(
      "Measure a bundle with modalities missing, corrupted and paired wrongly.",
      "stress BUNDLE MANIFEST [options]",
      {"braid stress compare/best talks.csv --split test",
       "braid stress compare/best talks.csv --corruptions blur,white_noise --out hard",
       "braid stress fused/bundle clips.csv --skew 40ms,100ms,200ms,400ms",
       "braid stress early/bundle talks.csv --baseline late/bundle"});
  InferenceFlags hardware;
  RowFlags chosen;
  explain::StressOptions options;
  std::string out = "stress", baseline;
  std::vector<std::string> skews;
  bool is_json = false;
  chosen.add(&command);
  command
      .option("--metric", options.metric, "what is measured; left out = accuracy, macro_f1 or rmse",
              "Run")
      ->type_name("NAME");
  command.list("--corruptions", options.corruptions,
               "corruptions to try ('braid list corruption'); left out = all that apply", "Run");
  command
      .list("--skew", skews,
            "shift one modality against the others in time by these offsets, and nothing else",
            "Run")
      ->type_name("TIME,...");
  command.option("--seed", options.seed, "seed of what is hidden, corrupted and shuffled", "Run")
      ->type_name("N");
  command
      .option("--baseline", baseline,
              "bundle of a late fusion, say, that effective robustness is measured against", "Run")
      ->type_name("BUNDLE");
  command.option("--out", out, "folder for report.html and stress.json", "Run")->type_name("DIR");
  hardware.add(&command);
  command.flag("--json", is_json, "print stress.json on stdout instead of the table", "Output");
  if (!command.parse(args)) return 0;
  const std::vector<std::string> words = command.positional(2, 2, nullptr);
  cli::Terminal terminal;
  hardware.apply();
  const ops::PrecisionScope precision(hardware.parsed_precision());
  model::Bundle bundle = model::load_bundle(words[0]);
  bundle.model->to(model::parse_device(hardware.device));
  const LabelledRows labelled = open_labelled(bundle, words[1], chosen, terminal.sinks());
  choose_skews(skews, *bundle.model, &options);
  options.groups = labelled.groups;
  options.num_threads = hardware.num_threads();
  options.sinks = terminal.sinks();
  Json document = describe_run("stress", args, bundle, words);
  document.update(explain::stress(bundle, labelled.dataset, labelled.rows, options));
  if (!baseline.empty()) {
    document["baseline"] = baseline;
    explain::add_effective_robustness(
        stress_of(baseline, words[1], hardware, chosen, terminal.sinks(), options), &document);
  }
  make_folders(out);
  write_file_atomically(out + "/stress.json", document.dump(2) + "\n");
  write_file_atomically(out + "/report.html", report::stress_page(document));
  terminal.finish();
  if (is_json)
    fmt::print("{}\n", document.dump());
  else
    fmt::print("{}\nReport:  {}/report.html\n",
               report::stress_table(document, cli::Terminal::width()), out);
  return 0;
}

}  // namespace

extern const cli::Method stress = {
    "stress", "measure a bundle with modalities missing, corrupted and paired wrongly", run};

}  // namespace braid::tensor_verbs
