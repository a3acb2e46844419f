// braid train: one model, from a config or a manifest to a run folder and a bundle.
#include <ATen/Parallel.h>
#include <fmt/core.h>

#include <filesystem>

#include "cli/command.h"
#include "cli/results.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/file.h"
#include "core/version.h"
#include "model/bundle.h"
#include "train/experiment.h"
#include "train/trainer.h"

namespace braid::cli {
namespace {

struct Flags {
  DataFlags data;
  HardwareFlags hardware;
  std::string out, resume;
  int64_t seed = -1, fold_index = 0;
  bool is_dry = false, dumps = false, is_json = false;
};

void check_identity(const std::string& folder, const train::Experiment& experiment) {
  const std::string path = folder + "/run.json";
  const Json run = parse_json(read_file(path), path);
  BRAID_CHECK(run.value("fingerprint", "") == experiment.dataset->fingerprint(), data,
              "{}: the manifest has changed since the run began; expected fingerprint {}, got {}; "
              "start a new run",
              experiment.dataset->manifest(), run.value("fingerprint", ""),
              experiment.dataset->fingerprint());
}

void write_run_files(const std::string& folder, const train::ExperimentConfig& config,
                     const train::Experiment& experiment) {
  make_folders(folder);
  write_file_atomically(folder + "/config.json", dump_config(config).dump(2) + "\n");
  const Json run = {{"braid", BRAID_VERSION},
                    {"seed", config.train.seed},
                    {"fingerprint", experiment.dataset->fingerprint()},
                    {"manifest", config.data.manifest}};
  write_file_atomically(folder + "/run.json", run.dump(2) + "\n");
}

void print_plan(const train::Experiment& experiment, const train::Fold& fold,
                const train::TrainTask& task) {
  const auto& specs = fold.store->preparation().specs();
  fmt::print("rows        {} train, {} validation, {} test\ntask        {}, {} outputs\n",
             fold.split.train.size(), fold.split.validation.size(), fold.split.test.size(),
             metrics::to_string(experiment.dataset->targets().task),
             experiment.dataset->targets().num_outputs());
  std::vector<data::ModalitySpec> chosen;
  for (size_t m : model::choose_modalities(task.model, specs)) chosen.push_back(specs[m]);
  const model::Model model(task.model, chosen,
                           train::head_context(experiment.dataset->targets(), fold.split.train,
                                               task.train.class_weights));
  for (const data::ModalitySpec& spec : chosen)
    fmt::print("modality    {} ({}) through {}\n", spec.name, data::to_string(spec.kind),
               model.config().encoders[spec.name]["name"].get<std::string>());
  fmt::print("fusion      {} ({})\nparameters  {}\n", model.fusion_method().name,
             fusion::to_string(model.fusion_method().family), model.num_parameters());
}

int run(const std::vector<std::string>& args) {
  Command command(
      "Train one model from a config or a manifest, and write a run folder with a bundle.",
      "train CONFIG|MANIFEST [key=value ...] [options]",
      {"braid train talks.yaml",
       "braid train talks.csv --target label model.fusion.name=cross_attention",
       "braid train talks.yaml train.epochs=3 --seed 2", "braid train --resume runs/0007"});
  Flags flags;
  flags.data.add(&command);
  command.option("--out", flags.out, "run folder to create; left out = runs/<next number>", "Run")
      ->type_name("DIR");
  command.option("--resume", flags.resume, "continue a stopped run, bit for bit", "Run")
      ->type_name("DIR");
  command
      .option("--seed", flags.seed,
              "seed of every random choice of training; left out = train.seed", "Run")
      ->type_name("N");
  command
      .option("--fold-index", flags.fold_index, "which fold tests, where the data has folds", "Run")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  flags.hardware.add(&command);
  command.flag("--dry-run", flags.is_dry, "check everything, print the plan, train nothing",
               "Output");
  command.flag("--dump-config", flags.dumps, "print the effective config and stop", "Output");
  command.flag("--json", flags.is_json, "print each epoch and the result as JSON lines on stdout",
               "Output");
  if (!command.parse(args)) return 0;
  std::vector<std::string> overrides;
  const bool resumes = !flags.resume.empty();
  const std::vector<std::string> words =
      command.positional(resumes ? 0 : 1, resumes ? 0 : 1, &overrides);
  train::ExperimentConfig config = read_run_config<train::ExperimentConfig>(
      resumes ? flags.resume + "/config.json" : words[0], overrides);
  flags.data.apply(&config.data);
  if (flags.seed >= 0) config.train.seed = flags.seed;
  if (flags.dumps) {
    fmt::print("{}\n", dump_config(config).dump(2));
    return 0;
  }
  BRAID_CHECK(!config.data.manifest.empty(), config,
              "data.manifest: expected a manifest, got nothing; add data.manifest=FILE");
  BRAID_CHECK(!config.data.target.empty(), usage,
              "train: expected a target; add --target NAME (a column of {})", config.data.manifest);
  config.data.manifest =
      std::filesystem::absolute(config.data.manifest).lexically_normal().string();

  Terminal terminal;
  const train::Experiment experiment = train::open_experiment(config, terminal.sinks());
  BRAID_CHECK(static_cast<size_t>(flags.fold_index) < experiment.splits.size(), usage,
              "--fold-index: expected less than {}, got {}", experiment.splits.size(),
              flags.fold_index);
  const train::Fold fold = experiment.open_fold(static_cast<size_t>(flags.fold_index),
                                                flags.hardware.num_threads(), terminal.sinks());
  at::set_num_threads(flags.hardware.num_threads());
  train::TrainTask task;
  task.store = fold.store.get();
  task.split = fold.split;
  task.model = config.model;
  task.train = config.train;
  task.augment = config.augment;
  task.device = flags.hardware.device;
  task.num_workers = flags.hardware.num_threads();
  task.sinks = terminal.sinks();
  if (flags.is_dry) {
    print_plan(experiment, fold, task);
    return 0;
  }
  task.folder = resumes ? flags.resume : next_run_folder(flags.out);
  BRAID_CHECK(resumes || !file_exists(task.folder + "/last.safetensors"), usage,
              "{}: expected a new folder, got one that holds a run; continue it with --resume {}",
              task.folder, task.folder);
  if (resumes)
    check_identity(task.folder, experiment);
  else
    write_run_files(task.folder, config, experiment);
  task.stop = &stop_requested();
  catch_signals();
  train::TrainResult result = train::train(task);
  terminal.finish();
  if (result.was_stopped) {
    fmt::print(stderr, "Stopped after {} epochs. Continue with: braid train --resume {}\n",
               result.progress.epoch, task.folder);
    return kExitStopped;
  }
  Json measured = {{"fusion", result.model->fusion_method().name},
                   {"best_epoch", result.progress.best_epoch},
                   {"epochs", result.progress.epoch},
                   {"seconds", result.progress.seconds},
                   {"waited_s", result.progress.waited_s},
                   {"parameters", result.model->num_parameters()}};
  measured["validation"] = measure(result.validation.predictions, {});
  if (!fold.split.test.empty()) {
    const train::Evaluation test =
        train::evaluate(*result.model, *fold.store, result.modalities, fold.split.test);
    measured["test"] = measure(test.predictions, groups_of(*experiment.dataset, fold.split.test));
  }
  model::save_bundle(task.folder + "/bundle",
                     {result.model, fold.store->preparation(), result.modalities,
                      config.data.target, experiment.dataset->targets().labels, measured});
  if (flags.is_json) {
    for (const train::EpochRecord& r : result.progress.history)
      fmt::print("{}\n", Json{{"epoch", r.epoch},
                              {"train_loss", r.train_loss},
                              {"validation_loss", r.validation_loss},
                              {"validation_metric", r.validation_metric}}
                             .dump());
    fmt::print("{}\n", measured.dump());
    return 0;
  }
  fmt::print("{}", metrics_text(measured));
  fmt::print("Run:     {}\nBundle:  {}/bundle\nNext:    braid predict {}/bundle MANIFEST\n",
             task.folder, task.folder, task.folder);
  return 0;
}

}  // namespace

extern const Method train = {"train", "train one model", run};

}  // namespace braid::cli
