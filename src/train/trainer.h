// The training loop: the best epoch on the validation split, resumable to the same bits.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "core/log.h"
#include "data/loader.h"
#include "data/split.h"
#include "model/model.h"
#include "train/checkpoint.h"
#include "train/config.h"
#include "train/evaluate.h"

namespace braid::train {

/// One model to train. The pointers must outlive the call.
struct TrainTask {
  data::PreparedStore* store = nullptr;
  data::Split split;
  model::ModelConfig model;
  TrainConfig train;
  data::AugmentConfig augment;
  std::string name = "train";  // opens progress lines
  std::string folder;          // run folder for checkpoints; "" = none are written
  std::string device = "cpu";  // "cpu", "cuda", "cuda:1"
  int num_workers = 1;         // threads that prepare data
  // Each step takes no more threads than other programs leave cores free. The threads decide the
  // order of sums, so such runs are not the same to the bit.
  bool shares_cores = false;
  int64_t pause_after = 0;  // epochs; then return what there is, to be continued from `folder`. 0 =
                            // train to the end
  const std::atomic<bool>* stop = nullptr;  // set by a signal handler: save and return
  Sinks sinks;
};

struct TrainResult {
  std::shared_ptr<model::Model> model;  // the best epoch's parameters, in evaluation mode
  std::vector<size_t> modalities;       // of the preparation
  Progress progress;
  Evaluation validation;  // for learned late combinations: predictions of held-out parts of the
                          // validation split
  bool was_stopped =
      false;  // `stop` was set before the end: the folder holds a checkpoint to resume from
};

/// Trains any family. A late fusion with train.late=separate trains one single model per modality
/// (in sub-folders of `folder`) and then fits the combination (late.h). With a folder that holds a
/// checkpoint of the same config, data and seed it continues there, to the same bits as without the
/// break. Errors: config, data, numeric (the loss is not finite: names the epoch and what to do),
/// io.
TrainResult train(const TrainTask& task);

/// What the head has to know, from the training rows only.
heads::Context head_context(const data::Targets& targets, const std::vector<int64_t>& train_rows,
                            const std::string& class_weights);

/// The task of one modality's single model within a late fusion.
TrainTask single_task(const TrainTask& late, const std::string& modality);

}  // namespace braid::train
