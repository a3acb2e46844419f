#include "text/piece_trie.h"

namespace braid::text {

void PieceTrie::grow() {
  std::vector<Edge> old(2 * edges_.size());
  old.swap(edges_);
  for (const Edge& edge : old)
    if (edge.key != 0) edges_[place_of(edge.key)] = edge;
}

void PieceTrie::add(std::string_view piece, int32_t id) {
  uint32_t node = 0;
  for (size_t i = 0; i < piece.size(); ++i) {
    if (2 * (size_t{num_nodes_} + 1) > edges_.size()) grow();
    const uint64_t key = key_of(node, piece[i]);
    Edge& edge = edges_[place_of(key)];
    if (edge.key == 0) edge = {key, num_nodes_++, -1};
    if (i + 1 == piece.size()) edge.id = id;
    node = edge.node;
  }
}

int32_t PieceTrie::longest(std::string_view word, size_t* num_bytes) const {
  int32_t longest_id = -1;
  *num_bytes = 0;
  for_each_beginning(word, [&](int32_t id, size_t size) {
    longest_id = id;
    *num_bytes = size;
  });
  return longest_id;
}

}  // namespace braid::text
