// A trained model as a folder: everything from raw files to a prediction. The format is described
// in docs/bundle.md.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/json.h"
#include "data/prepare.h"
#include "model/model.h"

namespace braid::model {

constexpr int64_t kBundleVersion = 1;

struct Bundle {
  std::shared_ptr<Model> model;  // evaluation mode
  data::Preparation preparation;
  std::vector<size_t> modalities;   // of the preparation that the model reads, in the model's order
  std::string target;               // column name
  std::vector<std::string> labels;  // empty for regression
  Json metrics = Json::object();    // what the run measured
};

/// Writes config.json, model.safetensors, preparation.json, vocab-*.txt and metrics.json beside
/// `folder` and renames them into place as a whole. Errors: io; what stood at `folder` is then
/// untouched.
void save_bundle(const std::string& folder, const Bundle& bundle);

/// Errors: io, format (another version, corrupt file), config.
Bundle load_bundle(const std::string& folder);

/// Scores of samples: (N, outputs) as metrics::Predictions holds them, with how much each modality
/// counted where the fusion says so.
struct Scores {
  std::vector<std::vector<double>> scores;   // [sample][output]
  std::vector<std::vector<double>> weights;  // [sample][modality], or empty
  std::vector<std::vector<bool>> present;    // [sample][modality]
};

/// Prepares on `num_threads` threads and runs one batch. Errors: data, format, naming the sample
/// and field.
Scores score(Bundle& bundle, const std::vector<data::Sample>& samples, int num_threads);

}  // namespace braid::model
