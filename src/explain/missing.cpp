#include "explain/missing.h"

#include <torch/torch.h>

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

std::vector<size_t> presence_bits(const std::vector<Encoded>& encoded) {
  std::vector<size_t> bits(static_cast<size_t>(encoded[0].present.size(0)), 0);
  for (size_t m = 0; m < encoded.size(); ++m) {
    const Tensor present = encoded[m].present.cpu().contiguous();
    for (size_t i = 0; i < bits.size(); ++i)
      if (present.data_ptr<bool>()[i]) bits[i] |= size_t{1} << m;
  }
  return bits;
}

}  // namespace braid::explain
