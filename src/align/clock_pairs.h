// Pairs of times as points of a plane in which doubles lose nothing, and lines through them.
#pragma once
#include <cstdint>
#include <vector>

#include "align/clock_drift.h"

namespace braid::align {

/// x = a's time after the reference in s, y = how much b's clock is farther ahead than at the first
/// pair, in ns. A slope of 1 ns/s is a drift of 1e-9.
struct TimePairs {
  int64_t reference_ns = 0;  // a's time of the pair in the middle
  int64_t offset_ns = 0;     // b minus a there
  std::vector<double> x, y;

  size_t size() const { return x.size(); }
};

/// Errors: see fit_drift().
TimePairs pairs_of(const std::vector<int64_t>& a_ns, const std::vector<int64_t>& b_ns);

DriftFit fit_middle(const TimePairs& pairs, const DriftOptions& options);
DriftFit fit_below(const TimePairs& pairs, const DriftOptions& options);

}  // namespace braid::align
