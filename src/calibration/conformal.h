// Sets of labels, or an interval around a value, that hold the truth as often as was asked.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "metrics/metric.h"

namespace braid::calibration {

/// How strange a class is to a row. Labels and values have one way each.
enum class Sets {
  threshold,  // 1 - its score: the smallest sets on average
  adaptive,   // scores summed from the highest down to its own: hard rows get larger sets
};
const char* to_string(Sets sets);
/// Errors   config, with the nearest known name; `where` opens the message.
Sets parse_sets(const std::string& name, const std::string& where);

/// A set holds what is no stranger than `threshold`; infinity: everything.
struct Conformal {
  Sets sets = Sets::threshold;
  double coverage = 0.9;  // asked: the share of new rows whose set holds the truth
  double threshold = std::numeric_limits<double>::infinity();
};

/// How strange the truth of a row is: of classes as Sets says; of labels the largest 1 - score
/// among those that are true, 0 where none is; of values the absolute error.
double strangeness(const metrics::Predictions& predictions, int64_t row, Sets sets);

/// The k-th smallest, k = ceil((n + 1) * coverage), infinity where k > n: at least the share
/// `coverage` of exchangeable new rows lie at or below it.
///
/// Errors   config: coverage outside (0, 1).
/// Source   Vovk, Gammerman, Shafer 2005, Algorithmic Learning in a Random World, 2.2; Lei et al.
///          2018, arXiv:1604.04173
double conformal_quantile(std::vector<double> scores, double coverage);

/// The fewest rows for which conformal_quantile is finite.
int64_t fewest_rows(double coverage);

/// Split conformal prediction; the rows are no part of what the scores were fitted on.
///
/// Errors   config: coverage outside (0, 1).
/// Source   threshold: Sadinle et al. 2019, arXiv:1609.00451; adaptive: Romano et al. 2020,
///          arXiv:2006.02544, without its random choice at the edge; labels: the outer set of
///          Cauchois et al. 2021, arXiv:2004.10181
Conformal fit_conformal(const metrics::Predictions& predictions, Sets sets, double coverage);

/// The labels that cannot be ruled out, the highest score first; of equal scores the lower index.
/// Of exclusive classes the first is always in: an empty set would say nothing. `scores`: (K) of
/// one row.
std::vector<int64_t> label_set(const Conformal& conformal, metrics::Task task,
                               const std::vector<double>& scores);

/// Whether the set of a row holds its truth: its class, all of its true labels, or its value.
bool covers(const Conformal& conformal, const metrics::Predictions& predictions, int64_t row);

/// Labels in the set of a row; of values the width of the interval, value - threshold to value +
/// threshold.
double set_size(const Conformal& conformal, const metrics::Predictions& predictions, int64_t row);

}  // namespace braid::calibration
