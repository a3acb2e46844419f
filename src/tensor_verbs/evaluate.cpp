// braid evaluate: how good a bundle is on labelled rows.
#include <fmt/core.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "model/bundle.h"
#include "model/tensors.h"
#include "tensor_verbs/hardware_flags.h"
#include "tensor_verbs/labelled_rows.h"
#include "tensor_verbs/results.h"
#include "train/answer.h"

namespace braid::tensor_verbs {
namespace {

// How often the sets hold the truth, how large they are, and what the gate masked.
Json sets_of(const train::Answers& answers, const calibration::Calibration& calibration,
             const std::vector<std::string>& modalities, const std::vector<int64_t>& groups) {
  train::SetFacts facts;
  for (int64_t row = 0; row < answers.predictions.size(); ++row)
    facts.add(calibration.conformal, answers, row);
  return train::summarize(facts, answers.predictions.task, modalities, groups);
}

int run(const std::vector<std::string>& args) {
  cli::Command command("Measure a bundle on the labelled rows of a manifest.",
                       "evaluate BUNDLE MANIFEST [options]",
                       {"braid evaluate compare/best talks.csv --split test",
                        "braid evaluate compare/best new_talks.csv --group speaker --json",
                        "braid evaluate compare/best talks.csv --split test --without audio"});
  InferenceFlags hardware;
  RowFlags chosen;
  std::vector<std::string> without;
  bool is_json = false, no_gate = false;
  chosen.add(&command);
  command.list("--without", without, "modalities to hide", "Data");
  command.flag("--no-gate", no_gate, "a calibrated bundle's fault gate masks nothing", "Data");
  hardware.add(&command);
  command.flag("--json", is_json, "print the metrics as JSON", "Output");
  if (!command.parse(args)) return 0;
  const std::vector<std::string> words = command.positional(2, 2, nullptr);
  cli::Terminal terminal;
  hardware.apply();
  const ops::PrecisionScope precision(hardware.parsed_precision());
  model::Bundle bundle = model::load_bundle(words[0]);
  if (bundle.calibration && no_gate)
    bundle.calibration = calibration::without_gate(*bundle.calibration);
  bundle.model->to(model::parse_device(hardware.device));
  const LabelledRows labelled = open_labelled(bundle, words[1], chosen, terminal.sinks());
  std::vector<size_t> kept;
  std::vector<std::string> known;
  for (size_t m = 0; m < bundle.model->specs().size(); ++m) {
    known.push_back(bundle.model->specs()[m].name);
    if (std::find(without.begin(), without.end(), known.back()) == without.end()) kept.push_back(m);
  }
  for (const std::string& name : without)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw Error(ErrorKind::usage, "--without: " + unknown_name("modality", name, known));
  data::PreparedStore store(labelled.dataset, bundle.preparation, /*limit_bytes=*/0);
  const train::Answers answers = train::answer(bundle, store, labelled.rows, kept);
  Json measured = {{"test", measure(answers.predictions, labelled.groups)}};
  if (bundle.calibration)
    measured["test"].update(sets_of(answers, *bundle.calibration, known, labelled.groups));
  terminal.finish();
  fmt::print("{}", is_json ? measured["test"].dump() + "\n" : metrics_text(measured));
  return 0;
}

}  // namespace

extern const cli::Method evaluate = {"evaluate", "measure a bundle on labelled rows", run};

}  // namespace braid::tensor_verbs
