// Runs work in turn with the peers that are installed and prints what came out as CSV.
#pragma once
#include <string>
#include <vector>

namespace braid::bench {

struct SuiteOptions {
  std::vector<std::string> names;   // of work or of groups of it; empty: all
  std::vector<std::string> passes;  // empty: those of each
  std::vector<int64_t> batches;     // empty: those of each
  std::vector<int> threads = {1, 2};
  std::vector<std::string> precisions = {"float32"};
  std::string python, node = "node", node_modules;
  int pairs = 7;
  double seconds = 0.3;  // of each half of a pair
  bool is_alone = false, shares_cores = false, is_smallest = false;
};

/// Peers that are absent and work that cannot be done here are said on standard error.
///
/// Errors   internal: a peer's values differ from ours. usage: a name that nothing has.
void run_suite(const SuiteOptions& options);

}  // namespace braid::bench
