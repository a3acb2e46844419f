// Small predictions written by hand, for the tests of metrics.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/error.h"
#include "metrics/metric.h"

namespace braid::metrics::examples {

/// `scores` are the probabilities of class 1.
inline Predictions binary(const std::vector<double>& scores, std::vector<double> targets) {
  Predictions p{Task::binary, 2, {}, std::move(targets)};
  for (double score : scores) p.scores.insert(p.scores.end(), {1 - score, score});
  return p;
}

inline Predictions table(Task task, const std::vector<std::vector<double>>& scores,
                         std::vector<double> targets) {
  Predictions p{task, scores.empty() ? 0 : int64_t(scores[0].size()), {}, std::move(targets)};
  for (const auto& row : scores) p.scores.insert(p.scores.end(), row.begin(), row.end());
  return p;
}

/// Certain predictions of these classes out of `num_classes`.
inline Predictions guesses(int64_t num_classes, const std::vector<int64_t>& predicted,
                           std::vector<double> targets) {
  Predictions p{
      num_classes == 2 ? Task::binary : Task::multiclass, num_classes, {}, std::move(targets)};
  for (int64_t guess : predicted)
    for (int64_t k = 0; k < num_classes; ++k) p.scores.push_back(k == guess ? 1.0 : 0.0);
  return p;
}

inline Predictions regression(std::vector<double> scores, std::vector<double> targets) {
  return {Task::regression, 1, std::move(scores), std::move(targets)};
}

/// Two labels' worth of hand arithmetic and a third that never occurs:
/// label 0: correct 1, predicted 1, actual 2; label 1: correct 1, predicted 2, actual 2.
inline Predictions three_labels() {
  return table(Task::multilabel, {{.9, .6, .1}, {.2, .5, .1}, {.1, .4, .2}},
               {1, 0, 0, 1, 1, 0, 0, 1, 0});
}

/// What `call` throws, as "kind: message", or "" where it does not.
template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const Error& e) {
    return std::string(to_string(e.kind())) + ": " + e.what();
  }
  return "";
}

}  // namespace braid::metrics::examples
