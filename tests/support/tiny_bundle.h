// An untrained model on the tiny dataset, with its preparation: all that a bundle holds.
#pragma once
#include <memory>
#include <string>

#include "model/bundle.h"
#include "ops/random.h"
#include "support/tiny_data.h"

namespace braid::checks {

/// `json` as the config's "model" part; rows that say train are what the preparation learns from.
inline model::Bundle tiny_bundle(const data::DatasetConfig& config, const std::string& json = "{}",
                                 uint64_t seed = 1) {
  const data::Dataset dataset = data::Dataset::open(config);
  std::vector<int64_t> rows;
  for (int64_t r = 0; r < dataset.size(); ++r)
    if (dataset.cell(r, "split") == "train") rows.push_back(r);
  model::Bundle bundle{nullptr,
                       data::Preparation::learn(dataset, rows, {}, /*num_threads=*/1),
                       {},
                       config.target,
                       dataset.targets().labels,
                       Json::object()};
  model::ModelConfig model_config;
  read_config(Json::parse(json), "model", model_config);
  heads::Context head;
  head.task = dataset.targets().task;
  head.num_labels = dataset.targets().num_outputs();
  head.target_mean = 10.1;
  head.target_deviation = 1.0 / 3;
  std::vector<data::ModalitySpec> specs;
  bundle.modalities = model::choose_modalities(model_config, bundle.preparation.specs());
  for (size_t m : bundle.modalities) specs.push_back(bundle.preparation.specs()[m]);
  ops::InitScope init(seed);
  bundle.model = std::make_shared<model::Model>(model_config, specs, head);
  bundle.model->eval();
  return bundle;
}

}  // namespace braid::checks
