// Training runs on the tiny dataset, and what tests ask of their results.
#pragma once
#include <memory>
#include <string>

#include "formats/safetensors.h"
#include "support/tiny_data.h"
#include "train/experiment.h"
#include "train/trainer.h"

namespace braid::checks {

/// Small encoders, `epochs` epochs of five steps, no early stopping.
inline train::ExperimentConfig tiny_config(const TinyData& data, int64_t epochs = 3) {
  train::ExperimentConfig config;
  config.data = data.config();
  config.model.encoders = Json::parse(R"({"sound": {"width": 6}, "tabular": {"width": 6}})");
  config.model.fusion = Json::parse(R"({"name": "concat", "hidden": [8]})");
  config.train.epochs = epochs;
  config.train.batch_size = 8;
  config.train.lr = 0.02;
  config.train.patience = 0;
  return config;
}

/// A dataset with its first split, ready to train on.
class TinyRun {
 public:
  explicit TinyRun(const TinyData& data, int64_t epochs = 3) : TinyRun(tiny_config(data, epochs)) {}
  explicit TinyRun(const train::ExperimentConfig& config)
      : experiment_(train::open_experiment(config, {})),
        fold_(experiment_.open_fold(0, /*num_threads=*/1, {})) {}

  train::TrainTask task(const std::string& folder = "") {
    train::TrainTask task;
    task.store = fold_.store.get();
    task.split = fold_.split;
    task.model = experiment_.config.model;
    task.train = experiment_.config.train;
    task.augment = experiment_.config.augment;
    task.folder = folder;
    return task;
  }
  data::PreparedStore& store() { return *fold_.store; }
  const data::Split& split() const { return fold_.split; }
  const data::Dataset& dataset() const { return *experiment_.dataset; }
  const train::Experiment& experiment() const { return experiment_; }

 private:
  train::Experiment experiment_;
  train::Fold fold_;
};

/// Every parameter's name, shape and bits.
inline std::string bits(const model::Model& model) {
  return formats::serialize_safetensors(model.state());
}

/// A history without what a clock says.
inline std::string timeless(const train::Progress& progress) {
  std::string text;
  for (const train::EpochRecord& r : progress.history)
    text += fmt::format("{}: {} {} {} {}\n", r.epoch, r.train_loss, r.validation_loss,
                        r.validation_metric, r.lr);
  return text + fmt::format("best {} at {}", progress.best_value, progress.best_epoch);
}

}  // namespace braid::checks
