#include "metrics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "core/error.h"
#include "core/rng.h"
#include "metrics/checks.h"

namespace braid::metrics {
namespace {

// One test set: the runs that saw it, and its rows sorted by cluster.
struct Set {
  std::vector<size_t> runs;     // places in the caller's list
  std::vector<int64_t> rows;    // (N), cluster after cluster
  std::vector<size_t> borders;  // cluster c is rows[borders[c]] up to rows[borders[c + 1]]
};

// A value of run `run` on drawn rows, or on all rows as they are where `rows` is null.
using RunValue = std::function<double(size_t run, const std::vector<int64_t>* rows)>;

// Mean of the values that are numbers, each counted `times`.
struct RunMean {
  double sum = 0;
  int64_t count = 0;
  void add(double value, int64_t times) {
    if (std::isnan(value)) return;
    sum += static_cast<double>(times) * value;
    count += times;
  }
  double value() const { return count > 0 ? sum / static_cast<double>(count) : kUndefined; }
};

void check_options(const BootstrapOptions& options) {
  BRAID_CHECK(options.num_resamples >= 1, config,
              "bootstrap: num_resamples: expected at least 1, got {}; 1000 serve most",
              options.num_resamples);
  BRAID_CHECK(options.level > 0 && options.level < 1, config,
              "bootstrap: level: expected between 0 and 1, got {}; use 0.95", options.level);
}

// That two runs of one set, or a pair, are about the same rows.
void check_same_rows(const std::string& where, const Run& a, const Run& b) {
  const Predictions& p = a.predictions;
  const Predictions& q = b.predictions;
  BRAID_CHECK(
      p.task == q.task && p.num_outputs == q.num_outputs, data,
      "{}: expected one task, got {} with {} outputs and {} with {}; compare like with like", where,
      to_string(p.task), p.num_outputs, to_string(q.task), q.num_outputs);
  BRAID_CHECK(p.size() == q.size(), data,
              "{}: expected the same rows, got {} and {} rows; give each test set its own `set`",
              where, p.size(), q.size());
  const auto [at, other] = std::mismatch(p.targets.begin(), p.targets.end(), q.targets.begin());
  BRAID_CHECK(at == p.targets.end(), data,
              "{}: expected the same targets, got {} and {} at target {}; predict the rows in one "
              "order",
              where, *at, *other, at - p.targets.begin());
  BRAID_CHECK(a.groups == b.groups, data,
              "{}: expected the same groups, got different ones; give every run those of its rows",
              where);
}

void group_rows(int64_t num_rows, const std::vector<int64_t>& groups, Set* set) {
  set->rows.resize(static_cast<size_t>(num_rows));
  std::iota(set->rows.begin(), set->rows.end(), int64_t{0});
  if (groups.empty()) {
    set->borders.resize(set->rows.size() + 1);
    std::iota(set->borders.begin(), set->borders.end(), size_t{0});
    return;
  }
  auto group = [&](int64_t row) { return groups[static_cast<size_t>(row)]; };
  std::stable_sort(set->rows.begin(), set->rows.end(),
                   [&](int64_t a, int64_t b) { return group(a) < group(b); });
  for (size_t i = 0; i < set->rows.size(); ++i)
    if (i == 0 || group(set->rows[i]) != group(set->rows[i - 1])) set->borders.push_back(i);
  set->borders.push_back(set->rows.size());
}

// The test sets in the order of their numbers.
std::vector<Set> sets_of(const Method& metric, const std::vector<Run>& runs) {
  BRAID_CHECK(!runs.empty(), data, "bootstrap: runs: expected at least one, got none; train first");
  std::map<int64_t, Set> by_number;
  for (size_t i = 0; i < runs.size(); ++i) {
    const Run& run = runs[i];
    is_scorable(metric, run.predictions);  // for its errors, before any work
    const int64_t size = run.predictions.size();
    BRAID_CHECK(run.groups.empty() || static_cast<int64_t>(run.groups.size()) == size, data,
                "bootstrap: run {}: groups: expected {} or none, got {}; give one for each row", i,
                size, run.groups.size());
    Set& set = by_number[run.set];
    if (set.runs.empty()) {
      group_rows(size, run.groups, &set);
    } else {
      check_same_rows(fmt::format("bootstrap: runs {} and {} of set {}", set.runs[0], i, run.set),
                      runs[set.runs[0]], run);
    }
    set.runs.push_back(i);
  }
  std::vector<Set> sets;
  for (auto& [number, set] : by_number) sets.push_back(std::move(set));
  return sets;
}

// As many clusters as there are, with replacement.
void draw_rows(const Set& set, Rng* rng, std::vector<int64_t>* drawn) {
  drawn->clear();
  const size_t num_clusters = set.borders.size() - 1;
  for (size_t i = 0; i < num_clusters; ++i) {
    const size_t cluster = rng->below(num_clusters);
    for (size_t r = set.borders[cluster]; r < set.borders[cluster + 1]; ++r)
      drawn->push_back(set.rows[r]);
  }
}

// How often each run of the set is drawn; a lone run always once, there is nothing to vary.
std::vector<int64_t> draw_runs(const Set& set, Rng* rng) {
  std::vector<int64_t> times(set.runs.size());
  for (size_t i = 0; i < times.size(); ++i) ++times[rng->below(times.size())];
  return times;
}

// Whether anything is drawn at all: of one cluster and one run every resample is the same, and says
// nothing of what other rows would give.
bool can_vary(const std::vector<Set>& sets) {
  return std::any_of(sets.begin(), sets.end(),
                     [](const Set& set) { return set.borders.size() > 2 || set.runs.size() > 1; });
}

double resample(const std::vector<Set>& sets, const RunValue& run_value, Rng rng) {
  RunMean mean;
  std::vector<int64_t> drawn;
  for (const Set& set : sets) {
    draw_rows(set, &rng, &drawn);
    const std::vector<int64_t> times = draw_runs(set, &rng);
    for (size_t i = 0; i < times.size(); ++i)
      if (times[i] > 0) mean.add(run_value(set.runs[i], &drawn), times[i]);
  }
  return mean.value();
}

// Between the two nearest of the sorted values, linearly.
double quantile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return kUndefined;
  const double place = share * static_cast<double>(sorted.size() - 1);
  const size_t below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  if (sorted[below] == sorted[above]) return sorted[below];  // also where both are infinite
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval percentiles(double mean, std::vector<double> values, double level) {
  std::sort(values.begin(), values.end());
  const double tail = 0.5 * (1 - level);
  return {mean, quantile(values, tail), quantile(values, 1 - tail)};
}

Interval interval_of(const std::vector<Set>& sets, size_t num_runs, const RunValue& run_value,
                     const BootstrapOptions& options) {
  RunMean point;
  for (size_t run = 0; run < num_runs; ++run) point.add(run_value(run, nullptr), 1);
  const Rng rng(options.seed);
  std::vector<double> values;
  for (int64_t i = 0; i < options.num_resamples && can_vary(sets); ++i) {
    const double value = resample(sets, run_value, rng.fork(static_cast<uint64_t>(i)));
    if (!std::isnan(value)) values.push_back(value);
  }
  return percentiles(point.value(), std::move(values), options.level);
}

void check_pairs(const Method& metric, const std::vector<Run>& a, const std::vector<Run>& b) {
  BRAID_CHECK(a.size() == b.size(), data,
              "bootstrap: paired runs: expected the same number, got {} and {}; pair them by seed "
              "and set",
              a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    is_scorable(metric, b[i].predictions);
    BRAID_CHECK(
        a[i].set == b[i].set, data,
        "bootstrap: pair {}: expected one test set, got {} and {}; pair runs by seed and set", i,
        a[i].set, b[i].set);
    check_same_rows(fmt::format("bootstrap: pair {}", i), a[i], b[i]);
  }
}

// Drawn differences of several methods to one baseline: [method][resample].
using Draws = std::vector<std::vector<double>>;

double deviation(const std::vector<double>& values) {
  double sum = 0, squares = 0, count = 0;
  for (double value : values)
    if (!std::isnan(value)) sum += value, count += 1;
  for (double value : values)
    if (!std::isnan(value)) squares += (value - sum / count) * (value - sum / count);
  return count > 1 ? std::sqrt(squares / (count - 1)) : kUndefined;
}

double in_deviations(double distance, double deviation) {
  return deviation > 0 ? std::abs(distance) / deviation : 0;  // identical predictions never differ
}

// The largest studentised deviation from the mean, resample by resample, sorted.
std::vector<double> largest_deviations(const Draws& draws, const std::vector<double>& means,
                                       const std::vector<double>& deviations) {
  std::vector<double> largest(draws.empty() ? 0 : draws[0].size());
  for (size_t i = 0; i < largest.size(); ++i)
    for (size_t m = 0; m < draws.size(); ++m)
      if (!std::isnan(draws[m][i]))
        largest[i] = std::max(largest[i], in_deviations(draws[m][i] - means[m], deviations[m]));
  std::sort(largest.begin(), largest.end());
  return largest;
}

double value_of(const Method& metric, const Run& run, const std::vector<int64_t>* rows) {
  return metric.value(rows ? select(run.predictions, *rows) : run.predictions);
}

}  // namespace

Interval bootstrap(const Method& metric, const std::vector<Run>& runs,
                   const BootstrapOptions& options) {
  check_options(options);
  const std::vector<Set> sets = sets_of(metric, runs);
  return interval_of(
      sets, runs.size(),
      [&](size_t run, const std::vector<int64_t>* rows) {
        return value_of(metric, runs[run], rows);
      },
      options);
}

Interval bootstrap_difference(const Method& metric, const std::vector<Run>& a,
                              const std::vector<Run>& b, const BootstrapOptions& options) {
  check_options(options);
  const std::vector<Set> sets = sets_of(metric, a);
  check_pairs(metric, a, b);
  return interval_of(
      sets, a.size(),
      [&](size_t run, const std::vector<int64_t>* rows) {
        return value_of(metric, a[run], rows) - value_of(metric, b[run], rows);
      },
      options);
}

std::vector<Difference> bootstrap_differences(const Method& metric,
                                              const std::vector<std::vector<Run>>& methods,
                                              const std::vector<Run>& baseline,
                                              const BootstrapOptions& options) {
  check_options(options);
  const std::vector<Set> sets = sets_of(metric, baseline);
  const auto num_resamples = can_vary(sets) ? static_cast<size_t>(options.num_resamples) : 0;
  // The baseline's values are the same for every method: [resample][run], the point estimate last.
  std::vector<std::vector<double>> known(num_resamples + 1,
                                         std::vector<double>(baseline.size(), kUndefined));
  const Rng rng(options.seed);
  const auto draw = [&](size_t resampled, const RunValue& value) {
    return resample(sets, value, rng.fork(static_cast<uint64_t>(resampled)));
  };
  for (size_t i = 0; i < num_resamples; ++i)
    draw(i, [&](size_t run, const std::vector<int64_t>* rows) {
      return known[i][run] = value_of(metric, baseline[run], rows);
    });
  for (size_t run = 0; run < baseline.size(); ++run)
    known[num_resamples][run] = value_of(metric, baseline[run], nullptr);

  Draws draws(methods.size(), std::vector<double>(num_resamples));
  std::vector<double> means, deviations;
  for (size_t m = 0; m < methods.size(); ++m) {
    const std::vector<Run>& runs = methods[m];
    check_pairs(metric, runs, baseline);
    RunMean point;
    for (size_t run = 0; run < runs.size(); ++run)
      point.add(value_of(metric, runs[run], nullptr) - known[num_resamples][run], 1);
    means.push_back(point.value());
    for (size_t i = 0; i < num_resamples; ++i)
      draws[m][i] = draw(i, [&](size_t run, const std::vector<int64_t>* rows) {
        return value_of(metric, runs[run], rows) - known[i][run];
      });
    deviations.push_back(deviation(draws[m]));
  }
  const std::vector<double> largest = largest_deviations(draws, means, deviations);
  const double q = quantile(largest, options.level);
  std::vector<Difference> all;
  for (size_t m = 0; m < methods.size(); ++m) {
    Difference one;
    std::vector<double> numbers;
    for (double value : draws[m])
      if (!std::isnan(value)) numbers.push_back(value);
    one.alone = percentiles(means[m], std::move(numbers), options.level);
    one.corrected = {means[m], means[m] - q * deviations[m], means[m] + q * deviations[m]};
    const double t = in_deviations(means[m], deviations[m]);
    const auto as_large = largest.end() - std::lower_bound(largest.begin(), largest.end(), t);
    one.p = std::isnan(deviations[m])
                ? kUndefined
                : static_cast<double>(as_large + 1) / static_cast<double>(largest.size() + 1);
    all.push_back(one);
  }
  return all;
}

std::vector<Interval> bootstrap_rows(int64_t num_rows, const std::vector<int64_t>& groups,
                                     const Statistics& statistics,
                                     const BootstrapOptions& options) {
  check_options(options);
  BRAID_CHECK(groups.empty() || static_cast<int64_t>(groups.size()) == num_rows, shape,
              "bootstrap: groups: expected {} or none, got {}; give one for each row", num_rows,
              groups.size());
  Set set;
  group_rows(num_rows, groups, &set);
  std::vector<int64_t> drawn(static_cast<size_t>(num_rows));
  std::iota(drawn.begin(), drawn.end(), int64_t{0});
  const std::vector<double> point = statistics(drawn);
  std::vector<std::vector<double>> values(point.size());
  const Rng rng(options.seed);
  for (int64_t i = 0; i < options.num_resamples && can_vary({set}); ++i) {
    Rng own = rng.fork(static_cast<uint64_t>(i));
    draw_rows(set, &own, &drawn);
    const std::vector<double> resampled = statistics(drawn);
    for (size_t k = 0; k < point.size(); ++k)
      if (!std::isnan(resampled[k])) values[k].push_back(resampled[k]);
  }
  std::vector<Interval> intervals;
  for (size_t k = 0; k < point.size(); ++k)
    intervals.push_back(percentiles(point[k], std::move(values[k]), options.level));
  return intervals;
}

Json to_json(const Interval& interval) {
  return {{"mean", finite_or_null(interval.mean)},
          {"interval", {finite_or_null(interval.low), finite_or_null(interval.high)}}};
}

}  // namespace braid::metrics
