// A bundle's calibration on disk: calibration.json and, with a fault gate, gate.safetensors. The
// format is described in docs/bundle.md.
#pragma once
#include <string>

#include "calibration/calibration.h"
#include "model/model.h"

namespace braid::model {

constexpr int64_t kCalibrationVersion = 1;

/// Errors   io.
void save_calibration(const std::string& folder, const calibration::Calibration& calibration);

/// Errors   io; format: another version, anything missing, unknown or out of bounds, or other
///          modalities or widths than the model's.
calibration::Calibration load_calibration(const std::string& folder, Model& model);

}  // namespace braid::model
