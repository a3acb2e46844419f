// Fits a bundle's temperature, sets and fault gate on rows that the model was not trained on, and
// measures them on rows that they were not fitted on.
#pragma once
#include <cstdint>
#include <vector>

#include "calibration/calibration.h"
#include "core/log.h"
#include "data/loader.h"
#include "metrics/bootstrap.h"
#include "model/bundle.h"

namespace braid::train {

struct CalibrateOptions {
  double coverage = 0.9;  // asked of the sets
  calibration::Sets sets = calibration::Sets::threshold;
  double false_alarms = 0.01;   // of the fault gate, for each modality; 0 = no gate
  std::vector<int64_t> groups;  // (N) or empty: rows that belong together
  uint64_t seed = 1;            // of the folds
  metrics::BootstrapOptions bootstrap;
  Sinks sinks;
};

/// Everything is fitted on all rows; what is measured comes from five folds (as many as groups
/// where there are fewer), each judged by what was fitted on the others. Temperature and sets are
/// fitted on scores as they are served: after the gate, each row's by a gate that has not seen it.
/// Of more than 5,000 rows, 5,000 are drawn. Any calibration that the bundle has is not looked at.
///
/// Missing  the rows' own gaps are part of what is fitted: rows in use should have as many.
/// Errors   data: fewer than 20 rows, one group, or one class. config: options out of range.
/// Cost     one forward pass over the rows, and some more over those that are masked.
calibration::Calibration calibrate(model::Bundle& bundle, data::PreparedStore& store,
                                   const std::vector<int64_t>& rows,
                                   const CalibrateOptions& options);

}  // namespace braid::train
