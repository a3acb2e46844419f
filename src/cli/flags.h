// Options that several verbs share.
#pragma once
#include <string>
#include <vector>

#include "cli/command.h"
#include "data/dataset.h"

namespace braid::cli {

/// Flags that say what the columns of a manifest are.
struct DataFlags {
  std::string target, group, fold, task;
  std::vector<std::string> fields, exclude, kinds;
  bool skip_bad = false;
  void add(Command* command);
  /// Sets what was given in `config`. Errors: usage.
  void apply(data::DatasetConfig* config) const;
};

/// --threads.
struct ThreadFlags {
  int threads = 0;
  void add(Command* command);
  int num_threads() const;
};

}  // namespace braid::cli
