// Predictions as JSON and as cells of a table, and samples from flags: what `predict` and `stream`
// share.
#pragma once
#include <string>
#include <vector>

#include "braid/predictor.h"
#include "core/json.h"

namespace braid::tensor_verbs {

/// What a prediction's parts are called.
struct PredictionNames {
  std::vector<std::string> labels, modalities;
  std::string target;
  bool is_calibrated = false;
  bool is_regression() const { return labels.empty(); }
};

/// Of a Predictor or a StreamPredictor.
template <class Model>
PredictionNames names_of(const Model& model) {
  return {model.labels(), model.modalities(), model.target(), model.is_calibrated()};
}

Json to_json(const PredictionNames& names, const Prediction& prediction);

/// Columns, and a row's cells, from the label or value on.
std::vector<std::string> columns_of(const PredictionNames& names);
std::vector<std::string> cells_of(const PredictionNames& names, const Prediction& prediction);

/// "--image a.png", "--text=hello": every one is a field. Errors   usage.
Sample sample_from_flags(const std::vector<std::string>& flags);

std::string join(const std::vector<std::string>& parts, const char* between);

}  // namespace braid::tensor_verbs
