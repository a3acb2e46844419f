// The body of each program behind `braid`: finds the verb, runs it, turns every error into one line
// and an exit code.
#pragma once
#include <string>
#include <vector>

#include "cli/verb.h"

namespace braid::cli {

/// `verbs`: those that this program runs; `shown`: those that help lists and guesses draw on.
/// Returns the exit code; throws nothing.
int run_program(const std::vector<const Method*>& verbs, const std::vector<VerbSummary>& shown,
                int argc, char** argv);

/// `verbs` as help shows them.
std::vector<VerbSummary> summaries(const std::vector<const Method*>& verbs);

/// Lines of `version --full` on libtorch and the kernels; each program defines its own, empty where
/// it has neither.
std::string describe_tensors();

}  // namespace braid::cli
