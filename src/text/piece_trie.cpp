#include "text/piece_trie.h"

namespace braid::text {

PieceTrie::PieceTrie() : ids_(1, -1), edges_(64) {}

void PieceTrie::grow() {
  std::vector<Edge> old(2 * edges_.size());
  old.swap(edges_);
  for (const Edge& edge : old)
    if (edge.key != 0) edges_[place_of(edge.key)] = edge;
}

void PieceTrie::add(std::string_view piece, int32_t id) {
  uint32_t node = 0;
  for (const char byte : piece) {
    if (2 * ids_.size() > edges_.size()) grow();
    Edge& edge = edges_[place_of(key_of(node, byte))];
    if (edge.key == 0) {
      edge = {key_of(node, byte), static_cast<uint32_t>(ids_.size())};
      ids_.push_back(-1);
    }
    node = edge.node;
  }
  ids_[node] = id;
}

int32_t PieceTrie::longest(std::string_view word, size_t* num_bytes) const {
  int32_t id = -1;
  *num_bytes = 0;
  uint32_t node = 0;
  for (size_t i = 0; i < word.size(); ++i) {
    const Edge& edge = edges_[place_of(key_of(node, word[i]))];
    if (edge.key == 0) break;
    node = edge.node;
    if (ids_[node] < 0) continue;
    id = ids_[node];
    *num_bytes = i + 1;
  }
  return id;
}

}  // namespace braid::text
