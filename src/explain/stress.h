// How a trained model fares when modalities are missing, corrupted or paired wrongly.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/log.h"
#include "data/dataset.h"
#include "metrics/bootstrap.h"
#include "model/bundle.h"

namespace braid::explain {

struct StressOptions {
  std::string metric;                                 // "" = the task's default
  std::vector<std::string> corruptions;               // names; empty = all that apply
  std::map<std::string, std::vector<double>> levels;  // by corruption, instead of its own
  std::vector<int64_t> groups;  // (N) or empty: rows that belong together in intervals
  uint64_t seed = 1;            // of what is hidden, corrupted and shuffled
  int num_threads = 1;          // that prepare samples
  metrics::BootstrapOptions bootstrap = {/*num_resamples=*/200};
  Sinks sinks;
};

/// Measures the bundle on `rows`: as they are; with every subset of the modalities; with one, or
/// each, missing at random in 0 to 90 % of the rows; with each corruption of each modality at each
/// level; and with a modality taken from another row (does the model look at the pair at all?).
///
/// Every curve has its relative robustness (robustness.h).
///
/// Shapes   -> the document described in docs/explain-json.md.
/// Errors   config: a metric that does not fit, an unknown corruption. usage: more than
///          kMostModalities. data, format, io: as Preparation::prepare.
/// Cost     every modality of every row is encoded once as it is and once for each level of each
///          corruption; 2^M runs of the fusion.
Json stress(model::Bundle& bundle, const data::Dataset& dataset, const std::vector<int64_t>& rows,
            const StressOptions& options);

}  // namespace braid::explain
