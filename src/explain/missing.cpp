#include "explain/missing.h"

namespace braid::explain {

size_t kept_at_random(size_t present, const std::vector<size_t>& hidden, double rate,
                      bool keeps_last, Rng random) {
  size_t kept = present, last = 0;
  double largest = -1;
  for (size_t m : hidden) {
    const double coin = random.uniform();  // one each, there or not
    if ((present >> m & 1) == 0) continue;
    if (coin < rate) kept &= ~(size_t{1} << m);
    if (coin > largest) {
      largest = coin;
      last = m;
    }
  }
  if (kept == 0 && present != 0 && keeps_last) kept = size_t{1} << last;
  return kept;
}

}  // namespace braid::explain
