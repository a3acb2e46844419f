#include "explain/shuffle.h"

#include <torch/torch.h>

#include <numeric>
#include <vector>

namespace braid::explain {

Encoded shuffled_rows(const Encoded& clean, Rng random) {
  std::vector<int64_t> places, from(static_cast<size_t>(clean.present.size(0)));
  std::iota(from.begin(), from.end(), int64_t{0});
  const Tensor present = clean.present.cpu().contiguous();
  for (int64_t i = 0; i < present.size(0); ++i)
    if (present.data_ptr<bool>()[i]) places.push_back(i);
  // A cycle through all of them in random order: nobody keeps its own.
  std::vector<int64_t> order = places;
  random.shuffle(order);
  for (size_t i = 0; i < order.size(); ++i)
    from[static_cast<size_t>(order[i])] = order[(i + 1) % order.size()];
  const Tensor index = torch::tensor(from, at::kLong).to(clean.present.device());
  const auto rows = [&](const Tensor& x) { return x.index_select(/*dim=*/0, index); };
  Encoded mixed = {rows(clean.tokens), rows(clean.mask), rows(clean.pooled), rows(clean.present)};
  for (const Tensor& tap : clean.taps) mixed.taps.push_back(rows(tap));
  return mixed;
}

}  // namespace braid::explain
