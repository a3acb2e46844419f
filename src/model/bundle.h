// A trained model as a folder: everything from raw files to a prediction. The format is described
// in docs/bundle.md.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "calibration/calibration.h"
#include "core/json.h"
#include "data/prepare.h"
#include "model/model.h"
#include "ops/precision.h"

namespace braid::model {

struct Bundle {
  std::shared_ptr<Model> model;  // evaluation mode
  data::Preparation preparation;
  std::vector<size_t> modalities;   // of the preparation that the model reads, in the model's order
  std::string target;               // column name
  std::vector<std::string> labels;  // empty for regression
  Json metrics = Json::object();    // what the run measured
  std::shared_ptr<const calibration::Calibration> calibration = nullptr;  // null: none
};

/// Writes config.json, model.safetensors, preparation.json, vocab-*.txt, metrics.json and what
/// belongs to a calibration beside `folder` and renames them into place as a whole. Errors: io;
/// what stood at `folder` is then untouched.
void save_bundle(const std::string& folder, const Bundle& bundle);

/// Errors: io, format (another version, corrupt file), config.
Bundle load_bundle(const std::string& folder);

/// One forward pass, ready for reading.
struct Inferred {
  Tensor scores;   // (B, outputs) double, on the CPU
  Tensor weights;  // (B, M) how much each modality counted; undefined where the fusion has none
  std::vector<std::vector<bool>> masked;  // [B][M] by the fault gate; empty where there is none
};

/// Runs `model` on inputs that are on its device, without gradients; linear maps take their factors
/// in `precision`. With a calibration, its fault gate looks at what the encoders made before the
/// fusion does, and outputs are divided by its temperature. Errors: shape.
Inferred infer(Model& model, const std::vector<Input>& inputs,
               ops::Precision precision = ops::Precision::float32,
               const calibration::Calibration* calibration = nullptr);

/// What infer() does once the encoders have run, where what they made may be older than this call.
/// The caller holds an InferenceMode and the precision.
Inferred infer_encoded(Model& model, const std::vector<Input>& inputs, std::vector<Encoded> encoded,
                       const calibration::Calibration* calibration);

/// Scores of samples: (N, outputs) as metrics::Predictions holds them, with how much each modality
/// counted where the fusion says so.
struct Scores {
  std::vector<std::vector<double>> scores;   // [sample][output]
  std::vector<std::vector<double>> weights;  // [sample][modality], or empty
  std::vector<std::vector<bool>> present;    // [sample][modality]
  std::vector<std::vector<bool>> masked;     // [sample][modality] by the fault gate, or empty
};

/// `present` as in Scores.
Scores scores_of(Inferred inferred, std::vector<std::vector<bool>> present);

/// Whether the fault gate left nothing of a row to predict from.
bool is_refused(const std::vector<bool>& present, const std::vector<bool>& masked);

/// Samples as the model reads them. `present` as in Scores.
struct PreparedBatch {
  std::vector<Input> inputs;               // on the model's device
  std::vector<std::vector<bool>> present;  // [sample][modality]
};

/// Decodes and prepares on `num_threads` threads. Errors: data, format, naming the sample and
/// field.
PreparedBatch prepare(const Bundle& bundle, const std::vector<data::Sample>& samples,
                      int num_threads);

/// Prepares and runs one batch on `num_threads` threads, with the bundle's calibration. Errors: as
/// prepare.
Scores score(Bundle& bundle, const std::vector<data::Sample>& samples, int num_threads,
             ops::Precision precision = ops::Precision::float32);

}  // namespace braid::model
