// The config of a run: data, split, preparation, augmentation, model and training, one object per
// part.
#pragma once
#include <string>

#include "core/config.h"
#include "data/data_config.h"
#include "model/model.h"
#include "train/balance.h"
#include "train/tuning.h"

namespace braid::train {

struct TrainConfig {
  int64_t epochs = 60;
  int64_t batch_size = 32;
  int64_t accumulate = 1;
  double lr = 2e-3;
  double weight_decay = 0.05;
  double warmup = 0.05;
  std::string schedule = "cosine";
  double clip_norm = 1.0;
  int64_t patience = 15;
  std::string metric = "auto";
  std::string sampling = "shuffle";
  std::string batches = "random";
  std::string class_weights = "none";
  double modality_dropout = 0.1;
  Json modality_dropout_rates = Json::object();
  std::string modality_dropout_schedule = "constant";
  Json lr_scales = Json::object();
  BalanceConfig balance;
  TuningConfig tuning;
  bool augment = true;
  std::string late = "separate";
  std::string precision = "float32";
  int64_t seed = 1;
  template <class V>
  void visit(V& v) {
    v("epochs", epochs, at_least(1), "passes over the training split at most");
    v("batch_size", batch_size, at_least(1), "samples per batch");
    v("accumulate", accumulate, at_least(1),
      "batches whose gradients are summed before each step: large steps in little memory");
    v("lr", lr, between(0, 1), "peak learning rate of AdamW");
    v("weight_decay", weight_decay, between(0, 10),
      "decay of weights; biases, norms and learned tokens have none");
    v("warmup", warmup, between(0, 1), "share of all steps over which the learning rate rises");
    v("schedule", schedule, one_of({"cosine", "constant"}), "learning rate after the warm-up");
    v("clip_norm", clip_norm, at_least(0), "largest norm of the gradient; 0 = no clipping");
    v("patience", patience, at_least(0),
      "epochs without a better validation result before stopping; 0 = never stop early");
    v("metric", metric, any(), "what the validation split is judged by; auto = the loss");
    v("sampling", sampling, one_of({"shuffle", "balanced", "square_root"}),
      "balanced draws every class equally often, square_root as often as the root of its count");
    v("batches", batches, one_of({"random", "by_length"}),
      "by_length puts rows of like length together, so that less is padded: faster where lengths "
      "differ much, and a little less random");
    v("class_weights", class_weights, one_of({"none", "balanced", "effective"}),
      "balanced weighs each class by its inverse frequency in the loss, effective by that of its "
      "effective number (Cui et al. 2019), which is milder");
    v("modality_dropout", modality_dropout, between(0, 0.95),
      "chance, per sample and modality, that it is hidden during training; never all of a sample");
    v("modality_dropout_rates", modality_dropout_rates, any(),
      "of single modalities, in its place: {text: 0.5}");
    v("modality_dropout_schedule", modality_dropout_schedule,
      one_of({"constant", "rising", "falling"}), "how the chance goes over the epochs");
    v("lr_scales", lr_scales, any(),
      "factors of the learning rate of single modalities' encoders: {text: 0.1}");
    v("balance", balance, any(),
      "against one modality taking over, where a model trains several together");
    v("tuning", tuning, any(), "what learns of encoders that start from a checkpoint");
    v("augment", augment, any(), "change training samples at random (see augment.*)");
    v("late", late, one_of({"separate", "joint"}),
      "late fusion: separate trains each modality on its own and fits the combination on the "
      "validation split; joint trains all end to end");
    v("precision", precision, one_of({"float32", "bf16"}),
      "factors of matrix products; bf16 is faster on processors that have it, and keeps weights, "
      "sums, losses and optimiser in float32");
    v("seed", seed, at_least(0), "seed of every random choice of training");
  }
};

struct ExperimentConfig : data::DataConfig {
  model::ModelConfig model;
  TrainConfig train;
  template <class V>
  void visit(V& v) {
    DataConfig::visit(v);
    v("model", model, any(), "encoders, fusion and head");
    v("train", train, any(), "training");
  }
};

/// From YAML text (may be empty) and key=value overrides. Errors: config, usage.
ExperimentConfig read_experiment(const std::string& yaml, const std::string& where,
                                 const std::vector<std::string>& overrides);

}  // namespace braid::train
