// What a verb of the command line is, and what verbs share with the program around them.
#pragma once
#include <atomic>
#include <string>
#include <vector>

namespace braid::cli {

struct Method {
  const char* name;
  const char* summary;  // one sentence, shown by `braid --help`
  /// `args` without the program's and the verb's name; returns the exit code. Errors are thrown.
  int (*run)(const std::vector<std::string>& args);
};

/// A verb as `braid --help` shows it, whichever program runs it.
struct VerbSummary {
  std::string name, summary;
};

/// The verbs that need no libtorch.
const std::vector<const Method*>& methods();

/// Set by SIGINT and SIGTERM once catch_signals() has been called; a second signal ends the program
/// at once.
const std::atomic<bool>& stop_requested();
void catch_signals();

/// Exit code of a run that was stopped by a signal and can be continued.
constexpr int kExitStopped = 130;

}  // namespace braid::cli
