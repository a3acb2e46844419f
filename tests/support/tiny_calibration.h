// A calibration of a tiny bundle, whose gate was fitted on rows of its dataset and whose
// temperature and threshold are given.
#pragma once
#include <torch/torch.h>

#include <memory>
#include <vector>

#include "model/bundle.h"

namespace braid::checks {

/// Samples are of two modalities, both of which every one has; at least 20 of them.
inline calibration::Calibration tiny_calibration(const model::Bundle& bundle,
                                                 const std::vector<data::Sample>& samples,
                                                 double temperature = 2, double threshold = 0.7,
                                                 double false_alarms = 0.05) {
  const c10::InferenceMode inference;
  calibration::Calibration made;
  made.temperature = temperature;
  made.conformal = {calibration::Sets::threshold, 0.9, threshold};
  made.num_rows = static_cast<int64_t>(samples.size());
  made.measured = {{"rows", made.num_rows}};
  made.gate.false_alarms = false_alarms;
  const model::PreparedBatch batch = model::prepare(bundle, samples, /*num_threads=*/1);
  const std::vector<Encoded> encoded = bundle.model->encode(batch.inputs);
  std::vector<int64_t> folds;
  for (size_t i = 0; i < samples.size(); ++i) folds.push_back(static_cast<int64_t>(i % 5));
  for (size_t m = 0; m < encoded.size(); ++m)
    made.gate.modalities.push_back(
        calibration::fit_gate(bundle.model->specs()[m].name,
                              calibration::views_of(batch.inputs[m], encoded[m]),
                              std::vector<bool>(samples.size(), true), folds, false_alarms)
            .gate);
  return made;
}

/// The same as a bundle holds it.
inline std::shared_ptr<const calibration::Calibration> shared(calibration::Calibration made) {
  return std::make_shared<const calibration::Calibration>(std::move(made));
}

}  // namespace braid::checks
