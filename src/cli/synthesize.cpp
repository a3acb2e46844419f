// braid synthesize: the demo data.
#include "data/synthesize.h"

#include <fmt/core.h>

#include "cli/command.h"
#include "cli/flags.h"
#include "cli/terminal.h"
#include "cli/verb.h"

namespace braid::cli {
namespace {

int run(const std::vector<std::string>& args) {
  Command command(
      "Make a synthetic data set of pictures, sounds, text and a table whose truth is known.",
      "synthesize DIR [key=value ...] [options]",
      {"braid synthesize demo", "braid synthesize demo rows=5000 missing=0.2 seed=7"});
  ThreadFlags hardware;
  hardware.add(&command);
  if (!command.parse(args)) return 0;
  std::vector<std::string> overrides;
  const std::vector<std::string> words = command.positional(1, 1, &overrides);
  Json node = Json::object();
  for (const std::string& assignment : overrides) apply_override(node, assignment);
  data::SynthesizeConfig config;
  read_config(node, "", config);
  Terminal terminal;
  data::synthesize(words[0], config, hardware.num_threads(), terminal.sinks());
  terminal.finish();
  fmt::print(
      "{} synthetic samples in {}/manifest.csv\nNext: braid compare {}/manifest.csv --target "
      "label\n",
      config.rows, words[0], words[0]);
  return 0;
}

}  // namespace

extern const Method synthesize = {"synthesize", "make demo data whose truth is known", run};

}  // namespace braid::cli
