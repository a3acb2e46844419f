// What a bundle knows of its own confidence.
#pragma once
#include <cstdint>
#include <memory>

#include "calibration/conformal.h"
#include "calibration/fault_gate.h"
#include "core/json.h"

namespace braid::calibration {

struct Calibration {
  double temperature = 1;  // outputs are divided by it; 1 for regression
  Conformal conformal;
  FaultGate gate;
  int64_t num_rows = 0;            // it was fitted on
  Json measured = Json::object();  // on rows that it was not fitted on; information only
};

/// The same, masking nothing.
inline std::shared_ptr<const Calibration> without_gate(Calibration calibration) {
  calibration.gate.modalities.clear();
  return std::make_shared<const Calibration>(std::move(calibration));
}

}  // namespace braid::calibration
