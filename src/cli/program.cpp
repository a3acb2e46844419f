#include "cli/program.h"

#include <fmt/core.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <system_error>

#include "core/error.h"
#include "core/version.h"

namespace braid::cli {
namespace {

std::atomic<bool> stop{false};

extern "C" void on_signal(int number) {
  if (stop.exchange(true)) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

void print_help(const std::vector<VerbSummary>& shown) {
  fmt::print(
      "Braid {}: trains, compares and runs multimodal fusion models.\n\nUsage: braid VERB "
      "[...]\n\nVerbs:\n",
      BRAID_VERSION);
  for (const VerbSummary& verb : shown) fmt::print("  {:<12} {}\n", verb.name, verb.summary);
  fmt::print(
      "\nStart with:\n  braid compare MANIFEST --target COLUMN\n\n'braid VERB --help' tells "
      "more.\n");
}

int run(const std::vector<const Method*>& verbs, const std::vector<VerbSummary>& shown,
        const std::vector<std::string>& args) {
  if (args.empty() || args[0] == "-h" || args[0] == "--help" || args[0] == "help") {
    print_help(shown);
    return args.empty() ? 2 : 0;
  }
  const std::string name = args[0] == "--version" ? "version" : args[0];
  for (const Method* verb : verbs)
    if (name == verb->name) return verb->run({args.begin() + 1, args.end()});
  std::vector<std::string> known;
  for (const VerbSummary& verb : shown) known.push_back(verb.name);
  throw Error(ErrorKind::usage, unknown_name("verb", name, known));
}

}  // namespace

const std::atomic<bool>& stop_requested() { return stop; }

void catch_signals() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

std::vector<VerbSummary> summaries(const std::vector<const Method*>& verbs) {
  std::vector<VerbSummary> all;
  for (const Method* verb : verbs) all.push_back({verb->name, verb->summary});
  return all;
}

int run_program(const std::vector<const Method*>& verbs, const std::vector<VerbSummary>& shown,
                int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file over the size limit is an error to report, not an end
  try {
    const int code = run(verbs, shown, {argv + 1, argv + argc});
    if (std::fflush(stdout) != 0) throw Error(ErrorKind::io, "stdout: cannot write");
    return code;
  } catch (const Error& e) {
    fmt::print(stderr, "braid: {}\n", e.what());
    if (e.kind() == ErrorKind::internal)
      fmt::print(
          stderr,
          "This is a bug in Braid. Please report it with the output of 'braid version --full'.\n");
    return e.exit_code();
  } catch (const std::bad_alloc&) {
    fmt::print(stderr,
               "braid: expected more memory, got none; use a smaller train.batch_size or fewer "
               "--threads\n");
    return 5;
  } catch (const std::system_error& e) {  // what fmt throws when stdout is full or closed
    fmt::print(stderr, "braid: stdout: {}\n", e.what());
    return 5;
  } catch (const std::exception& e) {
    const std::string text = e.what();
    fmt::print(stderr,
               "braid: unexpected: {}\nThis is a bug in Braid. Please report it with the output of "
               "'braid version --full'.\n",
               text.substr(0, text.find('\n')));
    return 70;
  }
}

}  // namespace braid::cli
