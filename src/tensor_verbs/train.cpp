// braid train: one model, from a config or a manifest to a run folder and a bundle.
#include <ATen/Parallel.h>
#include <fmt/core.h>

#include <filesystem>

#include "cli/command.h"
#include "cli/run_config.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/file.h"
#include "core/version.h"
#include "model/bundle.h"
#include "model/tensors.h"
#include "ops/precision.h"
#include "tensor_verbs/hardware_flags.h"
#include "tensor_verbs/results.h"
#include "tensor_verbs/run_folder.h"
#include "train/experiment.h"
#include "train/trainer.h"

namespace braid::tensor_verbs {
namespace {

struct Flags {
  cli::DataFlags data;
  HardwareFlags hardware;
  std::string out, resume, precision;
  int64_t seed = -1, fold_index = 0;
  bool is_dry = false, dumps = false, is_json = false, shares_cores = false;
};

// A resumed run tests on the fold it began with; its manifest must be the same.
void resume_from(const std::string& folder, const train::Experiment& experiment) {
  const std::string path = folder + "/run.json";
  const Json run = parse_json(read_file(path), path);
  BRAID_CHECK(run.value("fingerprint", "") == experiment.dataset->fingerprint(), data,
              "{}: the manifest has changed since the run began; expected fingerprint {}, got {}; "
              "start a new run",
              experiment.dataset->manifest(), run.value("fingerprint", ""),
              experiment.dataset->fingerprint());
}

void write_run_files(const std::string& folder, const train::ExperimentConfig& config,
                     const train::Experiment& experiment, int64_t fold_index) {
  make_folders(folder);
  write_file_atomically(folder + "/config.json", dump_config(config).dump(2) + "\n");
  const Json run = {{"braid", BRAID_VERSION},
                    {"seed", config.train.seed},
                    {"fold_index", fold_index},
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

// Adds the options, parses, and reads the config; false when there is nothing more to do.
bool read_arguments(const std::vector<std::string>& args, Flags* flags,
                    train::ExperimentConfig* config) {
  cli::Command command(
      "Train one model from a config or a manifest, and write a run folder with a bundle.",
      "train CONFIG|MANIFEST [key=value ...] [options]",
      {"braid train talks.yaml",
       "braid train talks.csv --target label model.fusion.name=cross_attention",
       "braid train talks.yaml train.epochs=3 --seed 2", "braid train --resume runs/0007"});
  flags->data.add(&command);
  command.option("--out", flags->out, "run folder to create; left out = runs/<next number>", "Run")
      ->type_name("DIR");
  command.option("--resume", flags->resume, "continue a stopped run, bit for bit", "Run")
      ->type_name("DIR");
  command.option("--seed", flags->seed, "seed of training; left out = train.seed", "Run")
      ->type_name("N");
  command
      .option("--fold-index", flags->fold_index, "which fold tests, where the data has folds",
              "Run")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  flags->hardware.add(&command);
  command
      .option(
          "--precision", flags->precision,
          "of matrix products: float32, or bf16 (faster where the processor has it); left out = "
          "train.precision",
          "Hardware")
      ->type_name("NAME");
  command.flag("--share-cores", flags->shares_cores,
               "take fewer threads while other programs keep cores busy: faster beside them, but "
               "two runs differ in rounding",
               "Hardware");
  command.flag("--dry-run", flags->is_dry, "check everything, print the plan, train nothing",
               "Output");
  command.flag("--dump-config", flags->dumps, "print the effective config and stop", "Output");
  command.flag("--json", flags->is_json, "print epochs and result as JSON lines on stdout",
               "Output");
  if (!command.parse(args)) return false;
  std::vector<std::string> overrides;
  const size_t num_words = flags->resume.empty() ? 1 : 0;
  const std::vector<std::string> words = command.positional(num_words, num_words, &overrides);
  *config = cli::read_run_config<train::ExperimentConfig>(
      words.empty() ? flags->resume + "/config.json" : words[0], overrides);
  flags->data.apply(&config->data);
  if (flags->seed >= 0) config->train.seed = flags->seed;
  if (!flags->precision.empty()) {
    ops::parse_precision(flags->precision, "--precision");
    config->train.precision = flags->precision;
  }
  if (flags->dumps) {
    fmt::print("{}\n", dump_config(*config).dump(2));
    return false;
  }
  BRAID_CHECK(!config->data.manifest.empty(), config,
              "data.manifest: expected a manifest, got nothing; add data.manifest=FILE");
  BRAID_CHECK(!config->data.target.empty(), usage,
              "train: expected a target; add --target NAME (a column of {})",
              config->data.manifest);
  config->data.manifest =
      std::filesystem::absolute(config->data.manifest).lexically_normal().string();
  if (!flags->resume.empty()) {
    const std::string path = flags->resume + "/run.json";
    flags->fold_index = parse_json(read_file(path), path).value("fold_index", int64_t{0});
  }
  return true;
}

train::TrainTask make_task(const Flags& flags, const train::ExperimentConfig& config,
                           const train::Fold& fold, const Sinks& sinks) {
  train::TrainTask task;
  task.store = fold.store.get();
  task.split = fold.split;
  task.model = config.model;
  task.train = config.train;
  task.augment = config.augment;
  task.device = flags.hardware.device;
  task.num_workers = flags.hardware.num_threads();
  task.shares_cores = flags.shares_cores;
  task.sinks = sinks;
  task.stop = &cli::stop_requested();
  return task;
}

Json measure_result(const train::Experiment& experiment, const train::Fold& fold,
                    train::TrainResult& result) {
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
    measured["test"] =
        measure(test.predictions, train::groups_of(*experiment.dataset, fold.split.test));
  }
  return measured;
}

void print_result(const Flags& flags, const std::string& folder, const train::TrainResult& result,
                  const Json& measured) {
  if (!flags.is_json) {
    fmt::print("{}", metrics_text(measured));
    fmt::print("Run:     {}\nBundle:  {}/bundle\nNext:    braid predict {}/bundle MANIFEST\n",
               folder, folder, folder);
    return;
  }
  for (const train::EpochRecord& r : result.progress.history)
    fmt::print("{}\n", Json{{"epoch", r.epoch},
                            {"train_loss", r.train_loss},
                            {"validation_loss", r.validation_loss},
                            {"validation_metric", r.validation_metric}}
                           .dump());
  fmt::print("{}\n", measured.dump());
}

int run(const std::vector<std::string>& args) {
  Flags flags;
  train::ExperimentConfig config;
  if (!read_arguments(args, &flags, &config)) return 0;
  flags.hardware.apply();  // before anything is written
  cli::Terminal terminal;
  const train::Experiment experiment = train::open_experiment(config, terminal.sinks());
  BRAID_CHECK(static_cast<size_t>(flags.fold_index) < experiment.splits.size(), usage,
              "--fold-index: expected less than {}, got {}", experiment.splits.size(),
              flags.fold_index);
  const train::Fold fold = experiment.open_fold(static_cast<size_t>(flags.fold_index),
                                                flags.hardware.num_threads(), terminal.sinks());
  train::TrainTask task = make_task(flags, config, fold, terminal.sinks());
  if (flags.is_dry) {
    print_plan(experiment, fold, task);
    return 0;
  }
  const bool resumes = !flags.resume.empty();
  task.folder = resumes ? flags.resume : next_run_folder(flags.out);
  BRAID_CHECK(resumes || !file_exists(task.folder + "/run.json"), usage,
              "{}: expected a new folder, got one that holds a run; continue it with --resume {}",
              task.folder, task.folder);
  if (resumes)
    resume_from(task.folder, experiment);
  else
    write_run_files(task.folder, config, experiment, flags.fold_index);
  cli::catch_signals();
  train::TrainResult result = train::train(task);
  terminal.finish();
  if (result.was_stopped) {
    fmt::print(stderr, "Stopped after {} epochs. Continue with: braid train --resume {}\n",
               result.progress.epoch, task.folder);
    return cli::kExitStopped;
  }
  const Json measured = measure_result(experiment, fold, result);
  model::save_bundle(task.folder + "/bundle",
                     {result.model, fold.store->preparation(), result.modalities,
                      config.data.target, experiment.dataset->targets().labels, measured});
  print_result(flags, task.folder, result, measured);
  return 0;
}

}  // namespace

extern const cli::Method train = {"train", "train one model", run};

}  // namespace braid::tensor_verbs
