// The drawings of the comparison page; each returns "" where the document lacks what it needs.
#pragma once
#include <string>

#include "report/compare_data.h"
#include "report/svg.h"

namespace braid::report {

/// Every method's metric with its interval and its runs, by family, the best single modality as a
/// reference line.
std::string metric_chart(const CompareData& data);

/// Every method's difference to the best single modality, zero as the reference; coloured where the
/// interval leaves out zero.
std::string difference_chart(const CompareData& data);

/// The colour class of a method's family.
std::string family_class(const std::string& family);

/// Losses by epoch, one thin line per run, each run's best epoch marked.
std::string loss_chart(const MethodResult& method);
/// The validation metric by epoch; `shared` is the range of all methods, so that charts can be
/// compared.
std::string validation_chart(const CompareData& data, const MethodResult& method,
                             const Range& shared);
/// The range of every method's validation curves.
Range validation_range(const CompareData& data);

/// Counts, shaded by the share of the true class; without numbers above 30 classes.
std::string confusion_chart(const CompareData& data, const MethodResult& method);

/// How often the predicted class was right, by confidence, with the number of predictions below.
std::string calibration_chart(const std::string& name, const std::vector<CalibrationBin>& bins,
                              const std::string& colour);
/// Mean gap between confidence and accuracy, weighted by count; NaN without predictions.
double calibration_error(const std::vector<CalibrationBin>& bins);

/// Predicted against true values.
std::string scatter_chart(const CompareData& data, const MethodResult& method);

/// Every method's metric over its latency, on a logarithmic axis; those that no other beats in
/// result and cost at once have a ring.
std::string cost_chart(const CompareData& data);

/// The metric of each method (column) when only a subset of modalities (row) is present.
std::string subset_chart(const CompareData& data);

}  // namespace braid::report
