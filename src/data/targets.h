// Reads the target column: which task it is, which classes there are, what every row's target is.
#pragma once
#include <string>
#include <vector>

#include "core/log.h"
#include "data/dataset.h"

namespace braid::data {

/// Decides the task (`task` "auto": docs/data.md) and numbers the classes. Labels are sorted: by
/// value where all are numbers. Missing  an empty cell is an unknown target. Errors   data: no cell
/// filled, one class only, more than 1000 classes, classes that do not fit the task, not a finite
/// number
///          (regression, with line).
Targets read_targets(const formats::Table& table, const std::string& column,
                     const std::string& task, const Sinks& sinks);

/// The same with a known task and known labels. An absent column (or "") leaves every target
/// unknown. Errors   data: an unknown class or label, not a finite number; each with line.
Targets read_targets_like(const formats::Table& table, const std::string& column,
                          metrics::Task task, const std::vector<std::string>& labels);

}  // namespace braid::data
