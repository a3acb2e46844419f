// braid calibrate: makes a bundle's confidence honest, and lets it say what it does not know.
#include "train/calibrate.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "data/split.h"
#include "formats/table.h"
#include "model/bundle.h"
#include "model/tensors.h"
#include "tensor_verbs/calibration_text.h"
#include "tensor_verbs/hardware_flags.h"
#include "tensor_verbs/labelled_rows.h"

namespace braid::tensor_verbs {
namespace {

constexpr uint64_t kStoreBytes = uint64_t{16} << 20;

// Rows of the split column where there is one and no other is asked for.
void default_to_validation(const std::string& manifest, RowFlags* flags, const Sinks& sinks) {
  if (flags->split.empty() && formats::read_table(manifest).column("split") >= 0)
    flags->split = "validation";
  if (data::side_of(flags->split) == 0)
    sinks.warn("--split " + flags->split +
               ": the model was trained on these rows; its confidence there is no measure of that "
               "on others");
}

int run(const std::vector<std::string>& args) {
  cli::Command command(
      "Fit a bundle's temperature, prediction sets and fault gate on rows that it was not trained "
      "on.",
      "calibrate BUNDLE MANIFEST [options]",
      {"braid calibrate compare/best talks.csv --group speaker",
       "braid calibrate compare/best talks.csv --coverage 0.95 --out calibrated",
       "braid predict calibrated new_talks.csv"});
  InferenceFlags hardware;
  RowFlags chosen;
  train::CalibrateOptions options;
  std::string sets = "threshold", out;
  bool is_json = false;
  chosen.add(&command);
  command
      .option("--coverage", options.coverage,
              "share of rows whose set (of values: interval) is to hold the truth", "Run")
      ->type_name("SHARE");
  command
      .option("--sets", sets,
              "threshold: the smallest sets; adaptive: larger ones for harder rows. Of classes",
              "Run")
      ->type_name("KIND");
  command
      .option("--false-alarms", options.false_alarms,
              "share of sound rows that the fault gate may mask, of each modality; 0 = no gate",
              "Run")
      ->type_name("SHARE");
  command.option("--seed", options.seed, "seed of the folds that measure", "Run")->type_name("N");
  command.option("--out", out, "bundle to write; left out = the given one, anew", "Output")
      ->type_name("DIR");
  hardware.add(&command);
  command.flag("--json", is_json, "print what was measured as JSON", "Output");
  if (!command.parse(args)) return 0;
  const std::vector<std::string> words = command.positional(2, 2, nullptr);
  BRAID_CHECK(options.coverage > 0 && options.coverage < 1, usage,
              "--coverage: expected a share above 0 and below 1, got {}; 0.9 is usual",
              options.coverage);
  options.sets = calibration::parse_sets(sets, "--sets");
  cli::Terminal terminal;
  options.sinks = terminal.sinks();
  hardware.apply();
  const ops::PrecisionScope precision(hardware.parsed_precision());
  model::Bundle bundle = model::load_bundle(words[0]);
  const c10::Device device = model::parse_device(hardware.device);
  bundle.model->to(device);
  default_to_validation(words[1], &chosen, options.sinks);
  const LabelledRows labelled = open_labelled(bundle, words[1], chosen, options.sinks);
  options.groups = labelled.groups;
  data::PreparedStore store(labelled.dataset, bundle.preparation, kStoreBytes);
  bundle.calibration = std::make_shared<const calibration::Calibration>(
      train::calibrate(bundle, store, labelled.rows, options));
  model::save_bundle(out.empty() ? words[0] : out, bundle);
  terminal.finish();
  if (is_json)
    fmt::print("{}\n", to_json(*bundle.calibration).dump());
  else
    fmt::print("{}Bundle:  {}\n", calibration_text(*bundle.calibration),
               out.empty() ? words[0] : out);
  return 0;
}

}  // namespace

extern const cli::Method calibrate = {
    "calibrate", "fit a bundle's temperature, prediction sets and fault gate", run};

}  // namespace braid::tensor_verbs
