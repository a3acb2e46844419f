// Seeded vectors in clusters, as embeddings lie, for the tests of search.
#pragma once
#include <cstdint>
#include <vector>

#include "core/rng.h"

namespace braid::index::examples {

/// `count` rows around `num_clusters` centres; `part` gives other rows around the same centres.
inline std::vector<float> clustered(int64_t count, int64_t width, int64_t num_clusters,
                                    uint64_t seed, uint64_t part) {
  Rng of_centres = Rng(seed).fork("centres");
  std::vector<float> centres;
  for (int64_t i = 0; i < num_clusters * width; ++i)
    centres.push_back(static_cast<float>(of_centres.normal()));
  Rng random = Rng(seed).fork(part);
  std::vector<float> rows;
  rows.reserve(static_cast<size_t>(count * width));
  for (int64_t i = 0; i < count; ++i) {
    const int64_t cluster = static_cast<int64_t>(random.below(static_cast<uint64_t>(num_clusters)));
    for (int64_t d = 0; d < width; ++d)
      rows.push_back(centres[static_cast<size_t>(cluster * width + d)] +
                     0.5f * static_cast<float>(random.normal()));
  }
  return rows;
}

}  // namespace braid::index::examples
