// braid compare: the main job.
#include "compare/compare.h"

#include <fmt/core.h>

#include "cli/command.h"
#include "cli/run_config.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "report/compare_report.h"
#include "tensor_verbs/hardware_flags.h"

namespace braid::tensor_verbs {
namespace {

struct Flags {
  cli::DataFlags data;
  HardwareFlags hardware;
  int64_t seeds = 0;
  std::string out = "compare", metric;
  std::vector<std::string> methods;
  bool is_json = false, dumps = false, is_dry = false, searches = false, stresses = false;
};

void add_options(cli::Command* command, Flags* flags) {
  flags->data.add(command);
  command
      ->option("--seeds", flags->seeds, "trainings per method and split; 0 = 3, with folds 1",
               "Run")
      ->type_name("N");
  command->list(
      "--methods", flags->methods,
      "fusions to compare, families (early, late, hybrid), all, or advised; left out = the "
      "usual ones",
      "Run");
  command->flag(
      "--search", flags->searches,
      "try settings of every method and train only the best to the end (compare.search.*)", "Run");
  command->flag("--stress", flags->stresses,
                "measure the best of each family with modalities missing, corrupted and paired "
                "wrongly",
                "Run");
  command
      ->option("--metric", flags->metric,
               "what methods are judged by; left out = accuracy, macro_f1 or rmse", "Run")
      ->type_name("NAME");
  command->option("--out", flags->out, "folder for report.html, compare.json, best/, runs/", "Run")
      ->type_name("DIR");
  flags->hardware.add(command);
  command->flag("--dry-run", flags->is_dry, "check everything, print the plan, train nothing",
                "Output");
  command->flag("--dump-config", flags->dumps, "print the effective config and stop", "Output");
  command->flag("--json", flags->is_json, "print compare.json on stdout instead of the table",
                "Output");
}

// Adds the options, parses, and fills the job; false when there is nothing more to do.
bool read_arguments(const std::vector<std::string>& args, Flags* flags, compare::CompareJob* job) {
  cli::Command command(
      "Train every single modality and every fusion on the same splits, and say whether fusing is "
      "worth it.",
      "compare MANIFEST|CONFIG --target NAME [key=value ...] [options]",
      {"braid compare talks.csv --target label",
       "braid compare talks.csv --target label --group speaker --seeds 5",
       "braid compare xrays.csv --target in_icu --fields image,age,notes --fold fold --metric "
       "auroc",
       "braid compare talks.csv --target label --methods concat,average train.epochs=20",
       "braid compare talks.csv --target label --methods all --search",
       "braid compare talks.csv --target label --methods advised --stress"});
  add_options(&command, flags);
  if (!command.parse(args)) return false;
  std::vector<std::string> overrides;
  const std::vector<std::string> words = command.positional(1, 1, &overrides);
  job->config = cli::read_run_config<compare::CompareConfig>(words[0], overrides);
  flags->data.apply(&job->config.data);
  const bool has_folds = !job->config.data.fold.empty() || job->config.split.folds > 0;
  bool has_seeds = flags->seeds > 0;
  for (const std::string& assignment : overrides)
    has_seeds = has_seeds || assignment.rfind("compare.seeds=", 0) == 0;
  if (flags->seeds > 0) job->config.compare.seeds = flags->seeds;
  if (has_folds && !has_seeds) job->config.compare.seeds = 1;
  if (!flags->methods.empty()) job->config.compare.methods = flags->methods;
  if (!flags->metric.empty()) job->config.compare.metric = flags->metric;
  if (flags->searches) job->config.compare.search.name = "halving";
  if (flags->stresses) job->config.compare.stress = true;
  job->out = flags->out;
  job->command = cli::command_line("compare", args);
  flags->hardware.apply();
  job->num_threads = flags->hardware.num_threads();
  job->device = flags->hardware.device;
  job->stop = &cli::stop_requested();
  return true;
}

void print_result(const Flags& flags, const Json& document) {
  if (flags.is_json) {
    fmt::print("{}\n", document.dump());
    return;
  }
  fmt::print("{}\n", report::compare_table(document, cli::Terminal::width()));
  fmt::print(
      "Report:  {}/report.html\nBundle:  {}/best ({})\nNext:    braid predict {}/best MANIFEST\n",
      flags.out, flags.out, document.at("winner").get<std::string>(), flags.out);
}

int run(const std::vector<std::string>& args) {
  Flags flags;
  compare::CompareJob job;
  if (!read_arguments(args, &flags, &job)) return 0;
  if (flags.dumps) {
    fmt::print("{}\n", dump_config(job.config).dump(2));
    return 0;
  }
  BRAID_CHECK(!job.config.data.target.empty(), usage,
              "compare: expected a target; add --target NAME (a column of {})",
              job.config.data.manifest);
  cli::Terminal terminal;
  job.sinks = terminal.sinks();
  if (flags.is_dry) {
    fmt::print("{}", compare::plan_text(job));
    return 0;
  }
  cli::catch_signals();
  const Json document = compare::compare(job);
  terminal.finish();
  if (document.is_null()) {
    fmt::print(stderr,
               "Stopped. Run the same command again to continue: finished and started trainings "
               "are kept in {}.\n",
               flags.out);
    return cli::kExitStopped;
  }
  print_result(flags, document);
  return 0;
}

}  // namespace

extern const cli::Method compare = {
    "compare", "train all fusions and baselines, say which one the data deserves", run};

}  // namespace braid::tensor_verbs
