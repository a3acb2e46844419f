// What a bundle answers to labelled rows, the way it serves: with its fault gate and temperature.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/log.h"
#include "data/loader.h"
#include "metrics/bootstrap.h"
#include "metrics/metric.h"
#include "model/bundle.h"

namespace braid::train {

struct Answers {
  metrics::Predictions predictions;
  std::vector<std::vector<bool>> present;  // [N][M]
  std::vector<std::vector<bool>> masked;   // [N][M] by the fault gate; empty where there is none
};

/// `kept`: the modalities that may be seen, as indices of the model's.
///
/// Errors   as Loader; numeric, where a score is not finite.
/// Cost     one forward pass over all rows.
Answers answer(model::Bundle& bundle, data::PreparedStore& store, const std::vector<int64_t>& rows,
               const std::vector<size_t>& kept, int64_t batch_size = 64);

/// What became of each row's set.
struct SetFacts {
  std::vector<double> covered;             // (N) 1 where the set holds the truth
  std::vector<double> sizes;               // (N) labels, or the interval's width
  std::vector<std::vector<bool>> present;  // [N][M]
  std::vector<std::vector<bool>> masked;   // [N][M], or empty
  void add(const calibration::Conformal& conformal, const Answers& answers, int64_t row);
};

/// Means and intervals: {"coverage", "set_size" or, of values, "interval_width"}, and with a gate
/// "refused" and {"masked <modality>"}: the share of the rows that have the modality.
///
/// Missing  null for the width of an infinite interval.
/// Errors   as metrics::bootstrap_rows.
Json summarize(const SetFacts& facts, metrics::Task task, const std::vector<std::string>& names,
               const std::vector<int64_t>& groups, const metrics::BootstrapOptions& options = {});

}  // namespace braid::train
