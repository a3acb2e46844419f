#include "calibration/conformal.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"

namespace braid::calibration {
namespace {

using metrics::Predictions;
using metrics::Task;

// Highest score first.
std::vector<int64_t> ranked(const std::vector<double>& scores) {
  std::vector<int64_t> order(scores.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&scores](int64_t a, int64_t b) {
    return scores[static_cast<size_t>(a)] > scores[static_cast<size_t>(b)];
  });
  return order;
}

// Of the classes in ranked order, each as Sets says. Both fitting and choosing come here, so that
// equal sums have equal bits.
std::vector<double> strangeness_of_ranked(const std::vector<double>& scores,
                                          const std::vector<int64_t>& order, Sets sets) {
  std::vector<double> strange;
  double sum = 0;
  for (int64_t k : order) {
    const double score = scores[static_cast<size_t>(k)];
    sum += score;
    strange.push_back(sets == Sets::adaptive ? sum : 1 - score);
  }
  return strange;
}

std::vector<double> scores_of(const Predictions& p, int64_t row) {
  const auto begin = p.scores.begin() + row * p.num_outputs;
  return {begin, begin + p.num_outputs};
}

int64_t rank(double coverage, int64_t rows) {
  // (n + 1) * coverage may lie a rounding above a whole number.
  return static_cast<int64_t>(std::ceil(static_cast<double>(rows + 1) * coverage - 1e-9));
}

void check_coverage(double coverage) {
  BRAID_CHECK(coverage > 0 && coverage < 1, config,
              "coverage: expected a share above 0 and below 1, got {}; 0.9 is usual", coverage);
}

}  // namespace

const char* to_string(Sets sets) { return sets == Sets::threshold ? "threshold" : "adaptive"; }

Sets parse_sets(const std::string& name, const std::string& where) {
  for (Sets sets : {Sets::threshold, Sets::adaptive})
    if (name == to_string(sets)) return sets;
  throw Error(ErrorKind::config,
              where + ": " + unknown_name("kind of sets", name, {"threshold", "adaptive"}));
}

double strangeness(const Predictions& p, int64_t row, Sets sets) {
  const auto i = static_cast<size_t>(row), K = static_cast<size_t>(p.num_outputs);
  if (p.task == Task::regression) return std::abs(p.targets[i] - p.scores[i]);
  if (p.task == Task::multilabel) {
    double worst = 0;
    for (size_t l = i * K; l < (i + 1) * K; ++l)
      if (p.targets[l] == 1) worst = std::max(worst, 1 - p.scores[l]);
    return worst;
  }
  const std::vector<double> scores = scores_of(p, row);
  const std::vector<int64_t> order = ranked(scores);
  const auto place =
      std::find(order.begin(), order.end(), static_cast<int64_t>(p.targets[i])) - order.begin();
  return strangeness_of_ranked(scores, order, sets).at(static_cast<size_t>(place));
}

double conformal_quantile(std::vector<double> scores, double coverage) {
  check_coverage(coverage);
  const int64_t k = rank(coverage, static_cast<int64_t>(scores.size()));
  if (k > static_cast<int64_t>(scores.size())) return std::numeric_limits<double>::infinity();
  std::sort(scores.begin(), scores.end());
  return scores[static_cast<size_t>(std::max<int64_t>(k, 1) - 1)];
}

int64_t fewest_rows(double coverage) {
  check_coverage(coverage);
  auto rows = static_cast<int64_t>(std::floor(coverage / (1 - coverage)));
  while (rank(coverage, rows) > rows) ++rows;
  while (rows > 1 && rank(coverage, rows - 1) <= rows - 1) --rows;
  return rows;
}

Conformal fit_conformal(const Predictions& predictions, Sets sets, double coverage) {
  std::vector<double> scores;
  for (int64_t row = 0; row < predictions.size(); ++row)
    scores.push_back(strangeness(predictions, row, sets));
  return {sets, coverage, conformal_quantile(std::move(scores), coverage)};
}

std::vector<int64_t> label_set(const Conformal& conformal, Task task,
                               const std::vector<double>& scores) {
  const bool is_exclusive = task != Task::multilabel;
  const std::vector<int64_t> order = ranked(scores);
  const std::vector<double> strange = strangeness_of_ranked(
      scores, order, is_exclusive ? conformal.sets : Sets::threshold);  // rises with the place
  std::vector<int64_t> set;
  for (size_t place = 0; place < order.size(); ++place)
    if (strange[place] <= conformal.threshold || (is_exclusive && place == 0))
      set.push_back(order[place]);
  return set;
}

bool covers(const Conformal& conformal, const Predictions& p, int64_t row) {
  if (strangeness(p, row, conformal.sets) <= conformal.threshold) return true;
  const bool is_exclusive = p.task == Task::binary || p.task == Task::multiclass;
  return is_exclusive && static_cast<double>(metrics::predicted_class(p, row)) ==
                             p.targets[static_cast<size_t>(row)];
}

double set_size(const Conformal& conformal, const Predictions& p, int64_t row) {
  if (p.task == Task::regression) return 2 * conformal.threshold;
  return static_cast<double>(label_set(conformal, p.task, scores_of(p, row)).size());
}

}  // namespace braid::calibration
