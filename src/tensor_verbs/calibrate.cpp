// braid calibrate: makes a bundle's confidence honest, and lets it say what it does not know.
#include "train/calibrate.h"

#include <fmt/format.h>

#include <filesystem>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/file.h"
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

struct Flags {
  InferenceFlags hardware;
  RowFlags chosen;
  train::CalibrateOptions options;
  std::string sets = "threshold", out;
  bool is_json = false;

  void add(cli::Command* command) {
    chosen.add(command);
    command
        ->option("--coverage", options.coverage,
                 "share of rows whose set (of values: interval) is to hold the truth", "Run")
        ->type_name("SHARE");
    command
        ->option("--sets", sets,
                 "threshold: the smallest sets; adaptive: larger ones for harder rows. Of classes",
                 "Run")
        ->type_name("KIND");
    command
        ->option("--false-alarms", options.false_alarms,
                 "share of sound rows that the fault gate may mask, of each modality; 0 = no gate",
                 "Run")
        ->type_name("SHARE");
    command->option("--seed", options.seed, "seed of the folds that measure", "Run")
        ->type_name("N");
    command->option("--out", out, "bundle to write; left out = the given one, anew", "Output")
        ->type_name("DIR");
    hardware.add(command);
    command->flag("--json", is_json, "print what was measured as JSON", "Output");
  }
};

// Rows of the split column where there is one and no other is asked for.
void default_to_validation(const std::string& manifest, RowFlags* flags, const Sinks& sinks) {
  if (flags->split.empty() && formats::read_table(manifest).column("split") >= 0)
    flags->split = "validation";
  if (data::side_of(flags->split) == 0)
    sinks.warn("--split " + flags->split +
               ": the model was trained on these rows; its confidence there is no measure of that "
               "on others");
}

// A bundle is written as a whole folder: nothing but a bundle may stand in its place.
void check_out(const std::string& out) {
  BRAID_CHECK(!std::filesystem::exists(out) || std::filesystem::is_empty(out) ||
                  file_exists(out + "/config.json"),
              usage,
              "--out {}: expected a new folder or a bundle, got something else; give another", out);
}

int run(const std::vector<std::string>& args) {
  cli::Command command(
      "Fit a bundle's temperature, prediction sets and fault gate on rows that it was not trained "
      "on.",
      "calibrate BUNDLE MANIFEST [options]",
      {"braid calibrate compare/best talks.csv --group speaker",
       "braid calibrate compare/best talks.csv --coverage 0.95 --out calibrated",
       "braid predict calibrated new_talks.csv"});
  Flags flags;
  flags.add(&command);
  if (!command.parse(args)) return 0;
  const std::vector<std::string> words = command.positional(2, 2, nullptr);
  BRAID_CHECK(flags.options.coverage > 0 && flags.options.coverage < 1, usage,
              "--coverage: expected a share above 0 and below 1, got {}; 0.9 is usual",
              flags.options.coverage);
  if (!flags.out.empty()) check_out(flags.out);
  flags.options.sets = calibration::parse_sets(flags.sets, "--sets");
  cli::Terminal terminal;
  flags.options.sinks = terminal.sinks();
  flags.hardware.apply();
  const ops::PrecisionScope precision(flags.hardware.parsed_precision());
  model::Bundle bundle = model::load_bundle(words[0]);
  const c10::Device device = model::parse_device(flags.hardware.device);
  bundle.model->to(device);
  default_to_validation(words[1], &flags.chosen, flags.options.sinks);
  const LabelledRows labelled = open_labelled(bundle, words[1], flags.chosen, flags.options.sinks);
  flags.options.groups = labelled.groups;
  data::PreparedStore store(labelled.dataset, bundle.preparation, kStoreBytes);
  bundle.calibration = std::make_shared<const calibration::Calibration>(
      train::calibrate(bundle, store, labelled.rows, flags.options));
  model::save_bundle(flags.out.empty() ? words[0] : flags.out, bundle);
  terminal.finish();
  if (flags.is_json)
    fmt::print("{}\n", to_json(*bundle.calibration).dump());
  else
    fmt::print("{}Bundle:  {}\n", calibration_text(*bundle.calibration),
               flags.out.empty() ? words[0] : flags.out);
  return 0;
}

}  // namespace

extern const cli::Method calibrate = {
    "calibrate", "fit a bundle's temperature, prediction sets and fault gate", run};

}  // namespace braid::tensor_verbs
