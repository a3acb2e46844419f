#include "explain/information.h"

#include <algorithm>
#include <cmath>

namespace braid::explain {
namespace {

constexpr double kLeast = 1e-12;  // a probability of 0 would cost infinitely many bits

}  // namespace

std::vector<double> class_shares(const metrics::Predictions& predictions) {
  std::vector<double> shares(static_cast<size_t>(predictions.num_outputs));
  const double row = 1.0 / static_cast<double>(std::max<int64_t>(predictions.size(), 1));
  for (double target : predictions.targets) shares[static_cast<size_t>(target)] += row;
  return shares;
}

Information information_of(const metrics::Predictions& predictions) {
  const auto K = static_cast<size_t>(predictions.num_outputs);
  const std::vector<double> shares = class_shares(predictions);
  std::vector<double> sums(K), counts(K);
  for (size_t row = 0; row < predictions.targets.size(); ++row) {
    const auto k = static_cast<size_t>(predictions.targets[row]);
    sums[k] += std::log2(std::max(predictions.scores[row * K + k], kLeast));
    counts[k] += 1;
  }
  Information information;
  for (size_t k = 0; k < K; ++k) {
    const double bits = counts[k] > 0 ? sums[k] / counts[k] - std::log2(shares[k]) : 0;
    information.per_class.push_back(bits);
    information.total += shares[k] * bits;
  }
  return information;
}

Decomposition decompose(const std::vector<double>& class_shares, const Information& a,
                        const Information& b, const Information& both) {
  Decomposition parts;
  for (size_t k = 0; k < class_shares.size(); ++k)
    parts.redundant += class_shares[k] * std::min(a.per_class[k], b.per_class[k]);
  parts.unique_a = a.total - parts.redundant;
  parts.unique_b = b.total - parts.redundant;
  parts.synergistic = both.total - parts.redundant - parts.unique_a - parts.unique_b;
  return parts;
}

}  // namespace braid::explain
