// From a config to data that is ready to train on: dataset, splits, and a store of prepared samples
// per split.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "data/loader.h"
#include "data/split.h"
#include "train/config.h"

namespace braid::train {

/// One split and the preparation learned on its training rows. (Folds have a preparation each.)
struct Fold {
  data::Split split;
  std::unique_ptr<data::PreparedStore> store;
  std::vector<std::string> bad_rows;  // messages of the rows left out (data.skip_bad)
};

struct Experiment {
  ExperimentConfig config;
  std::unique_ptr<data::Dataset> dataset;
  std::vector<data::Split> splits;
  /// Learns the preparation of split `index` and opens its store. With data.skip_bad every file is
  /// decoded once first and bad rows leave the split.
  Fold open_fold(size_t index, int num_threads, const Sinks& sinks) const;
};

/// Errors: as Dataset::open and make_splits.
Experiment open_experiment(const ExperimentConfig& config, const Sinks& sinks);

}  // namespace braid::train
