#include "index/hnsw_links.h"

#include <algorithm>

#include "core/error.h"

namespace braid::index {

void check_links(const HnswLinks& graph, int64_t num_rows, const std::string& where) {
  BRAID_CHECK(static_cast<int64_t>(graph.levels.size()) == num_rows, format,
              "{}: levels: expected {}, got {}", where, num_rows, graph.levels.size());
  int64_t expected = 0;
  for (const int32_t levels : graph.levels) {
    BRAID_CHECK(levels >= 1 && levels <= kMaxLevels, format,
                "{}: levels: expected 1 to {}, got {}; is the file damaged?", where, kMaxLevels,
                levels);
    expected += num_places(graph.links, levels);
  }
  BRAID_CHECK(static_cast<int64_t>(graph.neighbors.size()) == expected, format,
              "{}: neighbors: expected {}, got {}", where, expected, graph.neighbors.size());
  BRAID_CHECK(graph.entry >= 0 && graph.entry < num_rows, format,
              "{}: entry: expected a row under {}, got {}", where, num_rows, graph.entry);
  const int32_t most = *std::max_element(graph.levels.begin(), graph.levels.end());
  BRAID_CHECK(graph.levels[static_cast<size_t>(graph.entry)] == most, format,
              "{}: entry: expected a row on {} levels, got one on {}", where, most,
              graph.levels[static_cast<size_t>(graph.entry)]);
  const int32_t* neighbor = graph.neighbors.data();
  for (const int32_t levels : graph.levels)
    for (int32_t level = 0; level < levels; ++level)
      for (int64_t i = 0; i < (level == 0 ? 2 : 1) * graph.links; ++i, ++neighbor)
        BRAID_CHECK(*neighbor == -1 || (*neighbor >= 0 && *neighbor < num_rows &&
                                        graph.levels[static_cast<size_t>(*neighbor)] > level),
                    format, "{}: neighbors: expected rows under {} that are on level {}, got {}",
                    where, num_rows, level, *neighbor);
}

}  // namespace braid::index
