// braid evaluate: how good a bundle is on labelled rows.
#include "train/evaluate.h"

#include <fmt/core.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "model/bundle.h"
#include "model/tensors.h"
#include "tensor_verbs/hardware_flags.h"
#include "tensor_verbs/results.h"

namespace braid::tensor_verbs {
namespace {

int run(const std::vector<std::string>& args) {
  cli::Command command("Measure a bundle on the labelled rows of a manifest.",
                       "evaluate BUNDLE MANIFEST [options]",
                       {"braid evaluate compare/best talks.csv --split test",
                        "braid evaluate compare/best new_talks.csv --group speaker --json",
                        "braid evaluate compare/best talks.csv --split test --without audio"});
  InferenceFlags hardware;
  std::string split, group;
  std::vector<std::string> without;
  bool is_json = false;
  command.option("--split", split, "only rows whose split column says so; left out = all", "Data")
      ->type_name("NAME");
  command.option("--group", group, "column whose rows belong together in the intervals", "Data")
      ->type_name("COL");
  command.list("--without", without, "modalities to hide", "Data");
  hardware.add(&command);
  command.flag("--json", is_json, "print the metrics as JSON", "Output");
  if (!command.parse(args)) return 0;
  const std::vector<std::string> words = command.positional(2, 2, nullptr);
  cli::Terminal terminal;
  hardware.apply();
  const ops::PrecisionScope precision(hardware.parsed_precision());
  model::Bundle bundle = model::load_bundle(words[0]);
  bundle.model->to(model::parse_device(hardware.device));
  const data::Dataset dataset = data::Dataset::open_like(
      words[1], bundle.preparation.fields(), bundle.preparation.modalities(), bundle.target,
      bundle.model->head_context().task, bundle.labels, terminal.sinks());
  BRAID_CHECK(!dataset.targets().values.empty(), data,
              "{}: expected the target column \"{}\", which is not there; use 'braid predict' for "
              "unlabelled rows",
              words[1], bundle.target);
  BRAID_CHECK(group.empty() || dataset.table().column(group) >= 0, data, "{}",
              words[1] + ": " + unknown_name("column", group, dataset.table().columns()));
  BRAID_CHECK(split.empty() || dataset.table().column("split") >= 0, data,
              "{}: expected a column \"split\" for --split {}, got none", words[1], split);
  std::vector<int64_t> rows, groups;
  std::map<std::string, int64_t> group_numbers;
  for (int64_t row = 0; row < dataset.size(); ++row) {
    if (!dataset.targets().known[static_cast<size_t>(row)]) continue;
    if (!split.empty() && dataset.cell(row, "split") != split) continue;
    rows.push_back(row);
    if (!group.empty())
      groups.push_back(
          group_numbers
              .emplace(dataset.cell(row, group), static_cast<int64_t>(group_numbers.size()))
              .first->second);
  }
  BRAID_CHECK(!rows.empty(), data, "{}: expected labelled rows{}, got none", words[1],
              split.empty() ? "" : " with split " + split);
  std::vector<size_t> kept;
  std::vector<std::string> known;
  for (size_t m = 0; m < bundle.model->specs().size(); ++m) {
    known.push_back(bundle.model->specs()[m].name);
    if (std::find(without.begin(), without.end(), known.back()) == without.end()) kept.push_back(m);
  }
  for (const std::string& name : without)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw Error(ErrorKind::usage, "--without: " + unknown_name("modality", name, known));
  data::PreparedStore store(dataset, bundle.preparation, /*limit_bytes=*/0);
  const train::Evaluation evaluation =
      std::move(train::evaluate_subsets(*bundle.model, store, bundle.modalities, rows, {kept})[0]);
  const Json measured = {{"test", measure(evaluation.predictions, groups)}};
  terminal.finish();
  fmt::print("{}", is_json ? measured["test"].dump() + "\n" : metrics_text(measured));
  return 0;
}

}  // namespace

extern const cli::Method evaluate = {"evaluate", "measure a bundle on labelled rows", run};

}  // namespace braid::tensor_verbs
