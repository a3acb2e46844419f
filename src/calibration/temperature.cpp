#include "calibration/temperature.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace braid::calibration {
namespace {

using metrics::Task;

constexpr double kLargest = 100;  // temperature; the smallest is its inverse
constexpr int kHalvings = 60;

// Derivative by b of one row's loss, -log softmax(b z) of the truth.
double slope_of_classes(const double* z, int64_t K, int64_t truth, double b) {
  const double highest = *std::max_element(z, z + K);
  double sum = 0, predicted = 0;
  for (int64_t k = 0; k < K; ++k) {
    const double weight = std::exp(b * (z[k] - highest));
    sum += weight;
    predicted += weight * z[k];
  }
  return predicted / sum - z[truth];
}

// The same of one label's sigmoid.
double slope_of_label(double z, bool truth, double b) {
  return z * (1 / (1 + std::exp(-b * z)) - (truth ? 1 : 0));
}

}  // namespace

double fit_temperature(Task task, const std::vector<double>& outputs, int64_t num_outputs,
                       const std::vector<double>& targets) {
  BRAID_CHECK(task != Task::regression, config,
              "temperature: expected classes or labels, got regression; leave it out");
  const auto K = static_cast<size_t>(num_outputs);
  const size_t rows = K == 0 ? 0 : outputs.size() / K;
  BRAID_CHECK(rows > 0 && outputs.size() == rows * K &&
                  targets.size() == (task == Task::multilabel ? outputs.size() : rows),
              shape, "temperature: expected a row of {} outputs for each target, got {} and {}", K,
              outputs.size(), targets.size());
  const auto slope = [&](double b) {
    double sum = 1 - 1 / b;
    if (task == Task::multilabel) {
      for (size_t i = 0; i < outputs.size(); ++i)
        sum += slope_of_label(outputs[i], targets[i] == 1, b);
    } else {
      for (size_t i = 0; i < rows; ++i)
        sum += slope_of_classes(outputs.data() + i * K, num_outputs,
                                static_cast<int64_t>(targets[i]), b);
    }
    return sum;
  };
  double low = -std::log(kLargest), high = std::log(kLargest);  // of log b, b = 1 / T
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (slope(std::exp(middle)) < 0 ? low : high) = middle;
  }
  return std::exp(-(low + high) / 2);
}

}  // namespace braid::calibration
