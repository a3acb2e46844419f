// braid inspect: what a data set holds, misses, breaks and leaks.
#include "data/inspect.h"

#include <fmt/core.h>

#include "cli/command.h"
#include "cli/flags.h"
#include "cli/run_config.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "data/data_config.h"

namespace braid::cli {
namespace {

// The part of a run's config that is about data. What is about training stands in the same file and
// is checked by the verbs that train.
struct InspectConfig : data::DataConfig {
  Json model, train, compare;
  template <class V>
  void visit(V& v) {
    DataConfig::visit(v);
    v("model", model, any(), "not read here");
    v("train", train, any(), "not read here");
    v("compare", compare, any(), "not read here");
  }
};

int run(const std::vector<std::string>& args) {
  Command command(
      "Decode every file of a data set and report what is there, missing, broken or leaking.",
      "inspect MANIFEST|CONFIG [key=value ...] [options]",
      {"braid inspect talks.csv", "braid inspect talks.csv --target label --group speaker",
       "braid inspect talks.csv --target label --check --json"});
  DataFlags data;
  ThreadFlags hardware;
  bool is_json = false, is_check = false;
  data.add(&command);
  hardware.add(&command);
  command.flag("--check", is_check, "exit with 1 where there are findings", "Output");
  command.flag("--json", is_json, "print the findings as JSON", "Output");
  if (!command.parse(args)) return 0;
  std::vector<std::string> overrides;
  const std::vector<std::string> words = command.positional(1, 1, &overrides);
  InspectConfig config = read_run_config<InspectConfig>(words[0], overrides);
  data.apply(&config.data);
  Terminal terminal;
  const data::Dataset dataset = data::Dataset::open(config.data, terminal.sinks());
  const Json findings =
      data::inspect(dataset, config.split, hardware.num_threads(), terminal.sinks());
  terminal.finish();
  fmt::print("{}", is_json ? findings.dump() + "\n" : data::inspect_text(findings));
  return is_check && findings.value("has_findings", false) ? 1 : 0;
}

}  // namespace

extern const Method inspect = {"inspect", "look at a data set before any training", run};

}  // namespace braid::cli
