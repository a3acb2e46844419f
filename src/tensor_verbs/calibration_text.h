// A bundle's calibration, as JSON and as text.
#pragma once
#include <string>

#include "calibration/calibration.h"
#include "core/json.h"

namespace braid::tensor_verbs {

/// {"rows", "temperature", "sets": {"kind", "coverage"}, "false_alarms" (null: no gate),
/// "measured"}.
Json to_json(const calibration::Calibration& calibration);

/// Lines as metrics_text writes them: before and after, and beside what was measured what was
/// asked.
std::string calibration_text(const calibration::Calibration& calibration);

}  // namespace braid::tensor_verbs
