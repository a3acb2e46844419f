// The loop of contrastive training: the best epoch by retrieval on the validation split.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "core/log.h"
#include "data/loader.h"
#include "data/split.h"
#include "model/shared_space.h"
#include "train/experiment.h"
#include "train/space_config.h"
#include "train/space_evaluate.h"

namespace braid::train {

/// One space to train. The pointers must outlive the call.
struct SpaceTask {
  data::PreparedStore* store = nullptr;
  data::Split split;
  model::SpaceEncodersConfig model;
  ContrastConfig space;
  SpaceTrainConfig train;
  data::AugmentConfig augment;
  std::string device = "cpu";
  int num_workers = 1;                      // threads that prepare data
  const std::atomic<bool>* stop = nullptr;  // set by a signal handler: return what there is
  Sinks sinks;
};

struct SpaceEpoch {
  int64_t epoch = 0;  // from 1
  double train_loss = 0, lr = 0, scale = 0, seconds = 0;
  MeanRetrieval validation;
};

struct SpaceResult {
  std::shared_ptr<model::SharedSpace> space;  // the best epoch's parameters, in evaluation mode
  int64_t best_epoch = 0;
  double seconds = 0;
  std::vector<SpaceEpoch> history;
  bool was_stopped = false;  // `stop` was set before the end
};

/// Trains to the same bits for the same config, data and seed, whatever the number of workers. The
/// best epoch has the largest mean average precision over all directions of the validation split,
/// the larger recall@10 where two have the same. A batch that would be smaller than
/// train.batch_size is left out where there are whole ones; every epoch shuffles anew.
///
/// Errors   config: as SharedSpace; unknown modalities. data: no rows to train or validate on, or
///          no two modalities together in the validation split. numeric: the loss is not finite:
///          names the epoch and what to do.
SpaceResult train_space(const SpaceTask& task);

/// The data of an experiment, opened as any other's.
Experiment open_experiment(const SpaceExperimentConfig& config, const Sinks& sinks);

}  // namespace braid::train
