#include "metrics/one_vs_rest.h"

#include <cmath>

#include "metrics/checks.h"

namespace braid::metrics {
namespace {

bool is_positive(const Predictions& p, int64_t row, int64_t output) {
  if (p.task == Task::multilabel)
    return p.targets[static_cast<size_t>(row * p.num_outputs + output)] == 1;
  return p.targets[static_cast<size_t>(row)] == static_cast<double>(output);
}

// The length of the prefix of `sorted` for which `is_inside` holds.
template <class IsInside>
size_t prefix(const std::vector<double>& sorted, IsInside is_inside) {
  const double* base = sorted.data();
  size_t length = sorted.size();
  if (length == 0) return 0;
  while (length > 1) {
    const size_t half = length / 2;
    base += half * static_cast<size_t>(is_inside(base[half - 1]));
    length -= half;
  }
  return static_cast<size_t>(base - sorted.data()) + (is_inside(*base) ? 1 : 0);
}

}  // namespace

double one_vs_rest(const Predictions& predictions, RankMetric metric) {
  const Predictions& p = predictions;
  const int64_t first = p.task == Task::binary ? 1 : 0;
  std::vector<double> positives, negatives;
  double sum = 0;
  int64_t num_defined = 0;
  for (int64_t output = first; output < p.num_outputs; ++output) {
    positives.clear();
    negatives.clear();
    for (int64_t row = 0; row < p.size(); ++row) {
      std::vector<double>& side = is_positive(p, row, output) ? positives : negatives;
      side.push_back(p.scores[static_cast<size_t>(row * p.num_outputs + output)]);
    }
    const double value = metric(positives, negatives);
    if (std::isnan(value)) continue;
    sum += value;
    ++num_defined;
  }
  return num_defined > 0 ? sum / static_cast<double>(num_defined) : kUndefined;
}

size_t num_below(const std::vector<double>& sorted, double value) {
  return prefix(sorted, [value](double x) { return x < value; });
}

size_t num_not_above(const std::vector<double>& sorted, double value) {
  return prefix(sorted, [value](double x) { return x <= value; });
}

}  // namespace braid::metrics
