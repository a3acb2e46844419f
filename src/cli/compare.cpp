// braid compare: the main job.
#include "compare/compare.h"

#include <fmt/core.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "core/error.h"
#include "report/compare_report.h"

namespace braid::cli {
namespace {

int run(const std::vector<std::string>& args) {
  Command command(
      "Train every single modality and every fusion on the same splits, and say whether fusing is "
      "worth it.",
      "compare MANIFEST|CONFIG --target NAME [key=value ...] [options]",
      {"braid compare talks.csv --target label",
       "braid compare talks.csv --target label --group speaker --seeds 5",
       "braid compare xrays.csv --target in_icu --fields image,age,notes --fold fold --metric "
       "auroc",
       "braid compare talks.csv --target label --methods concat,average train.epochs=20"});
  DataFlags data;
  HardwareFlags hardware;
  int64_t seeds = 0;
  std::string out = "compare", metric;
  std::vector<std::string> methods;
  bool is_json = false, dumps = false, is_dry = false;
  data.add(&command);
  command.option("--seeds", seeds, "trainings per method and split; 0 = 3, with folds 1", "Run")
      ->type_name("N");
  command.list("--methods", methods, "fusions to compare; left out = all", "Run");
  command
      .option("--metric", metric,
              "what methods are judged by; left out = accuracy, macro_f1 or rmse", "Run")
      ->type_name("NAME");
  command.option("--out", out, "folder for report.html, compare.json, best/ and runs/", "Run")
      ->type_name("DIR");
  hardware.add(&command);
  command.flag("--dry-run", is_dry, "check everything, print the plan, train nothing", "Output");
  command.flag("--dump-config", dumps, "print the effective config and stop", "Output");
  command.flag("--json", is_json, "print compare.json on stdout instead of the table", "Output");
  if (!command.parse(args)) return 0;
  std::vector<std::string> overrides;
  const std::vector<std::string> words = command.positional(1, 1, &overrides);

  compare::CompareJob job;
  job.config = read_run_config<compare::CompareConfig>(words[0], overrides);
  data.apply(&job.config.data);
  const bool has_folds = !job.config.data.fold.empty() || job.config.split.folds > 0;
  bool has_seeds = seeds > 0;
  for (const std::string& assignment : overrides)
    has_seeds = has_seeds || assignment.rfind("compare.seeds=", 0) == 0;
  if (seeds > 0) job.config.compare.seeds = seeds;
  if (has_folds && !has_seeds) job.config.compare.seeds = 1;
  if (!methods.empty()) job.config.compare.methods = methods;
  if (!metric.empty()) job.config.compare.metric = metric;
  if (dumps) {
    fmt::print("{}\n", dump_config(job.config).dump(2));
    return 0;
  }
  BRAID_CHECK(!job.config.data.target.empty(), usage,
              "compare: expected a target; add --target NAME (a column of {})",
              job.config.data.manifest);
  Terminal terminal;
  job.out = out;
  job.command = command_line("compare", args);
  job.num_threads = hardware.num_threads();
  job.device = hardware.device;
  job.sinks = terminal.sinks();
  job.stop = &stop_requested();
  if (is_dry) {
    fmt::print("{}", compare::plan_text(job));
    return 0;
  }
  catch_signals();
  const Json document = compare::compare(job);
  terminal.finish();
  if (document.is_null()) {
    fmt::print(stderr,
               "Stopped. Run the same command again to continue: finished and started trainings "
               "are kept in {}.\n",
               out);
    return kExitStopped;
  }
  if (is_json) {
    fmt::print("{}\n", document.dump());
    return 0;
  }
  fmt::print("{}\n", report::compare_table(document, Terminal::width()));
  fmt::print("Report:  {}/report.html\nBundle:  {}/best ({})\n", out, out,
             document["winner"].get<std::string>());
  fmt::print("Next:    braid predict {}/best MANIFEST\n", out);
  return 0;
}

}  // namespace

extern const Method compare = {
    "compare", "train all fusions and baselines, say which one the data deserves", run};

}  // namespace braid::cli
