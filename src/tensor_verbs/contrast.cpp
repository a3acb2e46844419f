// braid contrast: encoders of several modalities trained into one space, and how well they find
// each other.
#include <fmt/core.h>

#include <filesystem>

#include "cli/command.h"
#include "cli/run_config.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "core/file.h"
#include "core/version.h"
#include "metrics/bootstrap.h"
#include "model/tensors.h"
#include "tensor_verbs/hardware_flags.h"
#include "tensor_verbs/run_folder.h"
#include "tensor_verbs/space_text.h"
#include "train/linear_probe.h"
#include "train/space_trainer.h"

namespace braid::tensor_verbs {
namespace {

struct Flags {
  cli::DataFlags data;
  HardwareFlags hardware;
  std::string out;
  int64_t seed = -1;
  bool is_dry = false, dumps = false, is_json = false;
};

// Adds the options, parses, and reads the config; false when there is nothing more to do.
bool read_arguments(const std::vector<std::string>& args, Flags* flags,
                    train::SpaceExperimentConfig* config) {
  cli::Command command(
      "Train encoders of several modalities into one space, by which rows belong together, and "
      "write a run folder with the space.",
      "contrast CONFIG|MANIFEST [key=value ...] [options]",
      {"braid contrast examples/emoji/emoji.yaml",
       "braid contrast pairs.csv --fields photo,caption --out run",
       "braid contrast pairs.yaml space.loss=sigmoid space.chunk=64 train.batch_size=1024"});
  flags->data.add(&command);
  command.option("--out", flags->out, "run folder to create; left out = runs/<next number>", "Run")
      ->type_name("DIR");
  command.option("--seed", flags->seed, "seed of training; left out = train.seed", "Run")
      ->type_name("N");
  flags->hardware.add(&command);
  command.flag("--dry-run", flags->is_dry, "check everything, print the plan, train nothing",
               "Output");
  command.flag("--dump-config", flags->dumps, "print the effective config and stop", "Output");
  command.flag("--json", flags->is_json, "print epochs and result as JSON lines on stdout",
               "Output");
  if (!command.parse(args)) return false;
  std::vector<std::string> overrides;
  const std::vector<std::string> words = command.positional(1, 1, &overrides);
  *config = cli::read_run_config<train::SpaceExperimentConfig>(words[0], overrides);
  flags->data.apply(&config->data);
  if (flags->seed >= 0) config->train.seed = flags->seed;
  if (flags->dumps) {
    fmt::print("{}\n", dump_config(*config).dump(2));
    return false;
  }
  BRAID_CHECK(!config->data.manifest.empty(), config,
              "data.manifest: expected a manifest, got nothing; add data.manifest=FILE");
  config->data.manifest =
      std::filesystem::absolute(config->data.manifest).lexically_normal().string();
  return true;
}

train::SpaceTask make_task(const Flags& flags, const train::SpaceExperimentConfig& config,
                           const train::Fold& fold, const Sinks& sinks) {
  train::SpaceTask task;
  task.store = fold.store.get();
  task.split = fold.split;
  task.model = config.model;
  task.space = config.space;
  task.train = config.train;
  task.augment = config.augment;
  task.device = flags.hardware.device;
  task.num_workers = flags.hardware.num_threads();
  task.sinks = sinks;
  task.stop = &cli::stop_requested();
  return task;
}

void print_plan(const train::Fold& fold, const train::SpaceTask& task) {
  const model::SharedSpace space(task.space, task.model, fold.store->preparation());
  fmt::print("rows        {} train, {} validation, {} test\n", fold.split.train.size(),
             fold.split.validation.size(), fold.split.test.size());
  for (const data::ModalitySpec& spec : space.specs())
    fmt::print("modality    {} ({}) through {}\n", spec.name, data::to_string(spec.kind),
               space.encoders_config().encoders.at(spec.name).at("name").get<std::string>());
  fmt::print("space       {} numbers{}, {}, projection {}\nparameters  {}\n", space.width(),
             members_text(space), space.config().loss, space.config().projection,
             space.num_parameters());
}

// The rows of one modality that are there, with their classes.
train::ProbeRows probe_rows(const train::SpaceRows& rows, size_t modality,
                            const data::Targets& targets, const std::vector<int64_t>& of) {
  train::ProbeRows probe;
  std::vector<int64_t> kept;
  for (size_t i = 0; i < of.size(); ++i) {
    if (!rows.present[modality][i]) continue;
    kept.push_back(static_cast<int64_t>(i));
    probe.classes.push_back(static_cast<int64_t>(targets.values[static_cast<size_t>(of[i])]));
  }
  probe.vectors = rows.vectors[modality].index_select(
      0, at::tensor(at::ArrayRef<int64_t>(kept.data(), kept.size()), at::kLong));
  return probe;
}

struct Parts {
  train::SpaceRows train, validation, test;
};

// Accuracy on the test rows of a linear classifier on each modality's vectors.
Json measure_probes(const Parts& parts, const data::Targets& targets, const data::Split& split,
                    const std::vector<std::string>& names) {
  Json probes = Json::object();
  for (size_t m = 0; m < names.size(); ++m) {
    const train::ProbeRows train = probe_rows(parts.train, m, targets, split.train);
    const train::ProbeRows test = probe_rows(parts.test, m, targets, split.test);
    if (train.classes.empty() || test.classes.empty()) continue;
    const train::ProbeResult result =
        train::linear_probe(train, probe_rows(parts.validation, m, targets, split.validation),
                            test.vectors, targets.num_outputs());
    metrics::Run run;
    run.predictions.task = targets.task;
    run.predictions.num_outputs = targets.num_outputs();
    run.predictions.scores = model::to_doubles(result.scores);
    run.predictions.targets.assign(test.classes.begin(), test.classes.end());
    probes[names[m]] = {
        {"accuracy", metrics::to_json(metrics::bootstrap(metrics::find("accuracy"), {run}))},
        {"decay", result.decay}};
  }
  return probes;
}

Json measure(const train::Experiment& experiment, const train::Fold& fold,
             const train::SpaceResult& result, int num_threads) {
  model::SharedSpace& space = *result.space;
  const auto rows_of = [&](const std::vector<int64_t>& rows) {
    return train::encode_rows(space, *fold.store, rows,
                              train::contents_of(space, *fold.store, rows, num_threads),
                              num_threads);
  };
  Json measured = {{"best_epoch", result.best_epoch},
                   {"epochs", result.history.size()},
                   {"seconds", result.seconds},
                   {"parameters", space.num_parameters()},
                   {"scale", space.logit_scale().item<double>()}};
  Parts parts;
  parts.validation = rows_of(fold.split.validation);
  measured["validation"] = train::measure_space(parts.validation, space.modalities(), num_threads);
  if (fold.split.test.empty()) return measured;
  parts.test = rows_of(fold.split.test);
  measured["test"] = train::measure_space(parts.test, space.modalities(), num_threads);
  const data::Targets& targets = experiment.dataset->targets();
  const bool has_classes =
      !experiment.config.data.target.empty() &&
      (targets.task == metrics::Task::binary || targets.task == metrics::Task::multiclass);
  if (!has_classes) return measured;
  parts.train = rows_of(fold.split.train);
  measured["test"]["probes"] = measure_probes(parts, targets, fold.split, space.modalities());
  return measured;
}

std::string history_lines(const train::SpaceResult& result) {
  std::string lines;
  for (const train::SpaceEpoch& epoch : result.history)
    lines += Json{{"epoch", epoch.epoch},
                  {"train_loss", epoch.train_loss},
                  {"validation_recall_10", epoch.validation.recall_10},
                  {"validation_average_precision", epoch.validation.average_precision},
                  {"scale", epoch.scale},
                  {"lr", epoch.lr}}
                 .dump() +
             "\n";
  return lines;
}

void write_run_files(const std::string& folder, const train::SpaceExperimentConfig& config,
                     const train::Experiment& experiment) {
  make_folders(folder);
  write_file_atomically(folder + "/config.json", dump_config(config).dump(2) + "\n");
  const Json run = {{"braid", BRAID_VERSION},
                    {"seed", config.train.seed},
                    {"fingerprint", experiment.dataset->fingerprint()},
                    {"manifest", config.data.manifest}};
  write_file_atomically(folder + "/run.json", run.dump(2) + "\n");
}

int run(const std::vector<std::string>& args) {
  Flags flags;
  train::SpaceExperimentConfig config;
  if (!read_arguments(args, &flags, &config)) return 0;
  flags.hardware.apply();  // before anything is written
  cli::Terminal terminal;
  const int num_threads = flags.hardware.num_threads();
  const train::Experiment experiment = train::open_experiment(config, terminal.sinks());
  const train::Fold fold = experiment.open_fold(0, num_threads, terminal.sinks());
  const train::SpaceTask task = make_task(flags, config, fold, terminal.sinks());
  if (flags.is_dry) {
    print_plan(fold, task);
    return 0;
  }
  const std::string folder = next_run_folder(flags.out);
  BRAID_CHECK(!file_exists(folder + "/run.json"), usage,
              "{}: expected a new folder, got one that holds a run; give another with --out",
              folder);
  write_run_files(folder, config, experiment);
  cli::catch_signals();
  const train::SpaceResult result = train::train_space(task);
  terminal.finish();
  if (result.was_stopped) {
    fmt::print(stderr, "Stopped after {} epochs; no space was written.\n", result.history.size());
    return cli::kExitStopped;
  }
  const Json measured = measure(experiment, fold, result, num_threads);
  write_file_atomically(folder + "/metrics.jsonl", history_lines(result));
  write_file_atomically(folder + "/metrics.json", measured.dump(2) + "\n");
  result.space->write(folder + "/space", measured);
  if (flags.is_json) {
    fmt::print("{}{}\n", history_lines(result), measured.dump());
    return 0;
  }
  fmt::print("{}", space_text("validation", measured["validation"]));
  if (measured.contains("test")) fmt::print("{}", space_text("test", measured["test"]));
  fmt::print("Run:     {}\nSpace:   {}/space\n", folder, folder);
  return 0;
}

}  // namespace

extern const cli::Method contrast = {"contrast", "train encoders into one shared space", run};

}  // namespace braid::tensor_verbs
