// Intervals by resampling: of one metric, of paired differences, over test sets, seeds and groups.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/json.h"
#include "metrics/metric.h"

namespace braid::metrics {

struct Interval {
  double mean = 0;  // the point estimate on the data as it is, not the mean of the resamples
  double low = 0;
  double high = 0;
};

struct BootstrapOptions {
  int64_t num_resamples = 1000;
  double level = 0.95;
  uint64_t seed = 1;
};

/// One trained model's predictions on one test set. Runs with the same `set` saw the same rows in
/// the same order (several seeds of one split).
struct Run {
  Predictions predictions;
  int64_t set = 0;              // which test set (fold); 0 where there is one
  std::vector<int64_t> groups;  // (N) cluster of each row (speaker, patient); empty: each its own
};

/// Mean over runs of the metric, with a percentile interval from a hierarchical bootstrap: runs are
/// resampled within their set (where a set has more than one), rows by whole clusters within each
/// set, all runs of one set sharing the drawn rows. The same seed gives the same interval.
///
/// Missing  runs where the metric is NaN are left out of a mean, resamples where it is NaN for all
///          runs out of the interval; NaN where nothing is left. No interval (NaN) where there is
///          one cluster and one run: nothing could have been drawn otherwise.
/// Errors   config: options out of range, a metric that does not apply. data: no runs, runs of one
///          set that disagree on rows, or as Method::value. shape: as Method::value.
/// Cost     num_resamples * runs * (one call of the metric and a copy of its rows).
/// Source   Davison and Hinkley 1997, Bootstrap Methods and their Application, 3.8 and 5.3
Interval bootstrap(const Method& metric, const std::vector<Run>& runs,
                   const BootstrapOptions& options = {});

/// Interval of mean(a) - mean(b), runs and rows drawn for both alike (paired). Run i of `a` and run
/// i of `b` belong together.
///
/// Missing  as bootstrap, for each pair: one with NaN on either side is left out.
/// Errors   as bootstrap. data: a and b do not match (number of runs, sets, rows, targets, groups).
/// Cost     twice that of bootstrap.
Interval bootstrap_difference(const Method& metric, const std::vector<Run>& a,
                              const std::vector<Run>& b, const BootstrapOptions& options = {});

/// One of several differences to the same baseline.
struct Difference {
  Interval alone;      // as bootstrap_difference
  Interval corrected;  // holds for all of them together, at the same level
  double p = 1;        // corrected: the chance of a difference as large anywhere, were there none
};

/// Differences of several methods to one baseline, judged alone and together: among thirty methods
/// that are no better than the baseline, one or two look better by chance. All are drawn with the
/// same runs and rows; the corrected interval is mean -+ q * deviation, q the quantile of the
/// largest studentised deviation among all differences of a resample.
///
/// Shapes   -> as many as `methods`.
/// Missing  as bootstrap_difference; NaN for a difference that cannot be drawn.
/// Errors   as bootstrap_difference.
/// Cost     num_resamples * (methods + 1) * runs * (one call of the metric and a copy of its rows).
/// Source   Westfall and Young 1993, Resampling-Based Multiple Testing (single-step maxT).
std::vector<Difference> bootstrap_differences(const Method& metric,
                                              const std::vector<std::vector<Run>>& methods,
                                              const std::vector<Run>& baseline,
                                              const BootstrapOptions& options = {});

/// What is asked of one drawn set of rows (repeats allowed): any number of values, always as many.
using Statistics = std::function<std::vector<double>(const std::vector<int64_t>& rows)>;

/// An interval for each value of `statistics` over `num_rows` rows, all from the same resamples;
/// whole clusters are drawn where `groups` (N, or empty) says so.
///
/// Missing  resamples where a value is NaN are left out of its interval. No interval (NaN) of one
///          cluster.
/// Errors   config: options out of range. shape: groups are neither none nor one per row.
/// Cost     num_resamples calls of `statistics`.
std::vector<Interval> bootstrap_rows(int64_t num_rows, const std::vector<int64_t>& groups,
                                     const Statistics& statistics,
                                     const BootstrapOptions& options = {});

/// {"mean": 0.9, "interval": [0.8, 0.95]}; null for what is not finite.
Json to_json(const Interval& interval);

}  // namespace braid::metrics
