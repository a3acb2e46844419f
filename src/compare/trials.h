// One trial = one method on one split with one seed.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "compare/compare.h"
#include "train/experiment.h"
#include "train/trainer.h"

namespace braid::compare {

/// A row of the comparison: a single modality or a fusion of all.
struct Contender {
  std::string name;  // a single modality's name, or the fusion's
  const fusion::Method* method = nullptr;
  std::vector<std::string> modalities;
  model::ModelConfig model;
  bool is_late = false;
  Json settings = Json::object();  // keys of train.* that are its own
  std::string folder;              // of its runs, under runs/
};

struct Trial {
  size_t contender = 0, fold = 0;
  int64_t seed = 0;
  train::TrainResult result;
  train::Evaluation test;  // all modalities
  std::vector<metrics::Predictions>
      subsets;            // as Plan::subsets; empty entries where they do not apply
  double validation = 0;  // the metric there
  bool is_done = false;
};

struct Plan {
  std::vector<Contender> contenders;  // singles first
  size_t num_singles = 0;
  std::vector<std::vector<size_t>> subsets;  // of the data set's modalities, the full set last
  std::vector<Trial> trials;
};

/// Errors: config for an unknown method or one that cannot do the task (when named by the user;
/// otherwise it is left out with an info line).
Plan make_plan(const CompareJob& job, const train::Experiment& experiment,
               const std::vector<train::Fold>& folds);

/// How scores are made of outputs for a kind of target.
Activation activation_of(metrics::Task task);

/// One trial for every fold, seed and contender.
std::vector<Trial> trials_of(const CompareJob& job, size_t num_contenders, size_t num_folds);

/// A late fusion that is made of the trained single models, and trains nothing itself.
bool combines_singles(const CompareJob& job, const Contender& contender);

/// The job's training with the contender's own settings. Errors   config.
train::TrainConfig train_config(const CompareJob& job, const Contender& contender);
train::TrainTask task_of(const CompareJob& job, const Contender& contender, train::Fold& fold,
                         const Trial& trial);

/// Trains every trial, one per thread at a time. False when stopped.
bool run_trials(const CompareJob& job, std::vector<train::Fold>& folds,
                const metrics::Method& metric, Plan* plan);

}  // namespace braid::compare
