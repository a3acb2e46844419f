// The links of an HNSW graph as plain numbers, as they are kept on disk, and what has to hold of
// them before anything walks along them.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace braid::index {

/// A row is on its lowest levels: all on level 0, where each has room for 2 * links neighbours, and
/// few on those above, with room for `links` on each.
struct HnswLinks {
  int64_t links = 0;
  std::vector<int32_t> levels;     // [N] on how many levels each row is
  std::vector<int32_t> neighbors;  // row by row, level by level; -1 where there is none
  int32_t entry = -1;              // the row that a search begins with
};

inline constexpr int32_t kMaxLevels = 32;

/// Places in `neighbors` of a row on `levels` levels.
inline int64_t num_places(int64_t links, int64_t levels) { return links * (levels + 1); }

/// That every row is on 1 to kMaxLevels levels, the entry on as many as any, and that each
/// neighbour is a row that is on the level of the link.
///
/// Errors   format; `where` opens the message.
void check_links(const HnswLinks& graph, int64_t num_rows, const std::string& where);

}  // namespace braid::index
