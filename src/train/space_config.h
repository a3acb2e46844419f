// The config of contrastive training: a data set's parts, the encoders, the space and training.
#pragma once
#include <string>
#include <vector>

#include "core/config.h"
#include "data/data_config.h"
#include "model/shared_space.h"

namespace braid::train {

/// The space, and how pairs teach it.
struct ContrastConfig : model::SpaceConfig {
  double hardness = 0;
  double noise = 0;
  int64_t chunk = 0;
  std::vector<std::string> frozen;
  template <class V>
  void visit(V& v) {
    SpaceConfig::visit(v);
    v("hardness", hardness, between(0, 50),
      "infonce: negatives weigh exp(hardness * cosine), mean 1; 0 = all alike");
    v("noise", noise, between(0, 0.9),
      "infonce: share of the target that goes to a row's negatives, where pairs are noisy");
    v("chunk", chunk, at_least(0),
      "rows encoded at a time, with the gradients of the whole batch: large batches in little "
      "memory for one more pass forward; 0 = all at once");
    v("frozen", frozen, any(), "modalities whose encoders stay as they are: [text]");
  }
};

struct SpaceTrainConfig {
  int64_t epochs = 60;
  int64_t batch_size = 128;
  double lr = 1e-3;
  double weight_decay = 0.05;
  double warmup = 0.05;
  std::string schedule = "cosine";
  double clip_norm = 1.0;
  int64_t patience = 15;
  Json lr_scales = Json::object();
  bool augment = true;
  std::string precision = "float32";
  int64_t seed = 1;
  template <class V>
  void visit(V& v) {
    v("epochs", epochs, at_least(1), "passes over the training split at most");
    v("batch_size", batch_size, at_least(2), "rows per batch: each is a negative of all others");
    v("lr", lr, between(0, 1), "peak learning rate of AdamW");
    v("weight_decay", weight_decay, between(0, 10),
      "decay of weights; biases, norms, learned tokens and the temperature have none");
    v("warmup", warmup, between(0, 1), "share of all steps over which the learning rate rises");
    v("schedule", schedule, one_of({"cosine", "constant"}), "learning rate after the warm-up");
    v("clip_norm", clip_norm, at_least(0), "largest norm of the gradient; 0 = no clipping");
    v("patience", patience, at_least(0),
      "epochs without a better mean average precision on the validation split before stopping; 0 = "
      "never");
    v("lr_scales", lr_scales, any(),
      "factors of the learning rate of single modalities' encoders: {text: 0.1}");
    v("augment", augment, any(), "change training samples at random (see augment.*)");
    v("precision", precision, one_of({"float32", "bf16"}), "factors of matrix products");
    v("seed", seed, at_least(0), "seed of every random choice of training");
  }
};

struct SpaceExperimentConfig : data::DataConfig {
  model::SpaceEncodersConfig model;
  ContrastConfig space;
  SpaceTrainConfig train;
  template <class V>
  void visit(V& v) {
    DataConfig::visit(v);
    v("model", model, any(), "encoders");
    v("space", space, any(), "the space the encoders share, and how pairs teach it");
    v("train", train, any(), "training");
  }
};

}  // namespace braid::train
