// The program behind `braid` for help and the verbs that need no libtorch, whose loading takes
// twenty times as long as everything else at their start.
#include "cli/catalogue.h"
#include "cli/program.h"

namespace cli = braid::cli;

std::string cli::describe_tensors() { return ""; }

int main(int argc, char** argv) {
  std::vector<cli::VerbSummary> shown = cli::catalogue().verbs;
  for (const cli::VerbSummary& verb : cli::summaries(cli::methods())) shown.push_back(verb);
  return cli::run_program(cli::methods(), shown, argc, argv);
}
