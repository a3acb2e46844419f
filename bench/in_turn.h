// Two ways of doing the same work, timed in turn, so that a noisy machine slows both.
#pragma once
#include <cstdint>
#include <functional>

namespace braid::bench {

struct Rates {
  double per_s = 0, bare_per_s = 0;  // medians over the rounds
  double share = 0;                  // median of per_s / bare_per_s within a round; 1 = as fast
};

using Work = std::function<void(int64_t item)>;

double now_s();

/// Each round does the items 0 to num_items - 1 first by `bare`, then by `work`; one round more
/// comes before, unmeasured.
Rates in_turn(int64_t num_items, int rounds, const Work& work, const Work& bare);

/// Items a second of `work` alone, the median of the rounds.
double rate(int64_t num_items, int rounds, const Work& work);

}  // namespace braid::bench
