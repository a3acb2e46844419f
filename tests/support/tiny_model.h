// A model of two modalities made without any data: "sound" (vectors of 4) and "tabular" (two
// numbers and a category).
#pragma once
#include <memory>
#include <vector>

#include "model/model.h"
#include "ops/random.h"

namespace braid::checks {

inline std::vector<data::ModalitySpec> tiny_specs() {
  data::ModalitySpec sound, table;
  sound.name = "sound";
  sound.kind = data::Kind::embedding;
  sound.features = 4;
  table.name = "tabular";
  table.kind = data::Kind::tabular;
  table.features = 2;
  table.categories = {4};
  table.field_names = {"x1", "x2", "place"};
  return {sound, table};
}

inline heads::Context three_classes() {
  heads::Context head;
  head.num_labels = 3;
  return head;
}

/// `json` as the config's "model" part.
inline model::ModelConfig model_config(const std::string& json) {
  model::ModelConfig config;
  read_config(Json::parse(json), "model", config);
  return config;
}

inline std::shared_ptr<model::Model> tiny_model(const std::string& json, uint64_t seed = 1,
                                                const heads::Context& head = three_classes()) {
  ops::InitScope init(seed);
  auto model = std::make_shared<model::Model>(model_config(json), tiny_specs(), head);
  model->eval();
  return model;
}

}  // namespace braid::checks
