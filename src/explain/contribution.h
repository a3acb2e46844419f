// What each modality contributes to a trained model, over a set of rows and for each of them.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/json.h"
#include "data/loader.h"
#include "explain/shapley.h"
#include "metrics/bootstrap.h"
#include "model/bundle.h"

namespace braid::explain {

/// More would take over a thousand runs of the fusion.
constexpr size_t kMostModalities = 10;

struct ContributionOptions {
  std::string metric;           // "" = the task's default
  std::vector<int64_t> groups;  // (N) or empty: rows that belong together in the intervals
  metrics::BootstrapOptions bootstrap;
};

/// One number per modality and row: how far it moved the row's prediction.
struct Contributions {
  Json summary;  // see docs/explain-json.md
  std::vector<std::string> modalities;
  std::vector<int64_t> rows;        // as given
  std::vector<int64_t> outputs;     // (N) the explained output: the predicted class; the label of
                                    // the highest score; 0 for values
  std::vector<double> base, score;  // (N) that output's score without any modality, and with all
  std::vector<double> shares;       // (N, M) Shapley values of it: base + their sum = score
};

/// Runs every subset of the modalities: the presence mask of the model says who takes part. A
/// subset counts with those of its modalities that a row has. Without any modality nothing is asked
/// of the model: what is known then is how frequent the classes are among the rows (the mean of
/// values).
///
/// Errors   data: fewer than two rows; rows of one class. config: the metric does not fit the task.
///          usage: the model has one modality, or more than kMostModalities. numeric: as
///          train::evaluate.
/// Cost     every row is encoded once; 2^M runs of the fusion; num_resamples * 2^M metrics.
Contributions contributions(model::Bundle& bundle, data::PreparedStore& store,
                            const std::vector<int64_t>& rows, const ContributionOptions& options);

}  // namespace braid::explain
