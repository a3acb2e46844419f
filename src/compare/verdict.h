// What the figures mean, in plain words.
#pragma once
#include <string>

#include "metrics/bootstrap.h"

namespace braid::compare {

struct VerdictInput {
  std::string winner, best_single;  // names; chosen on the validation split
  std::string best_fusion;          // by validation; "" where nothing was fused
  bool higher_is_better = true;
  bool is_share = true;  // the metric lies in [0, 1]: differences are told in points (hundredths)
  std::string metric;
  metrics::Interval fusion_gain;  // best fusion minus best single on the test split
};

/// "fusion gains +0.7 points of accuracy, interval [-0.4, +1.8] includes 0: use text alone"
std::string verdict(const VerdictInput& input);

}  // namespace braid::compare
