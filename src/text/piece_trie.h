// The pieces of a vocabulary as a tree of bytes: the longest one a word begins with, in one walk.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace braid::text {

/// Cost  32 to 64 bytes for each distinct beginning of a piece.
class PieceTrie {
 public:
  PieceTrie() : edges_(64) {}
  /// Each piece once; not empty.
  void add(std::string_view piece, int32_t id);
  /// Id of the longest piece that `word` begins with, and its bytes; -1 and 0 where there is none.
  int32_t longest(std::string_view word, size_t* num_bytes) const;
  /// Calls take(id, num_bytes) for every piece that `word` begins with, the shortest first.
  template <class Take>
  void for_each_beginning(std::string_view word, const Take& take) const {
    uint32_t node = 0;
    for (size_t i = 0; i < word.size(); ++i) {
      const Edge& edge = edges_[place_of(key_of(node, word[i]))];
      if (edge.key == 0) return;
      node = edge.node;
      if (edge.id >= 0) take(edge.id, i + 1);
    }
  }

 private:
  struct Edge {
    uint64_t key = 0;  // the node above << 8 | byte, plus 1; 0 = a free place
    uint32_t node = 0;
    int32_t id = -1;  // of the piece that ends here; beside the node, so that one look finds both
  };
  static uint64_t key_of(uint32_t node, char byte) {
    return (static_cast<uint64_t>(node) << 8 | static_cast<uint8_t>(byte)) + 1;
  }
  /// Where the edge stands, or the free place where it belongs.
  size_t place_of(uint64_t key) const {
    const size_t mask = edges_.size() - 1;
    size_t at = (key * 0x9E3779B97F4A7C15u) >> 32;  // Fibonacci hashing
    while (edges_[at & mask].key != key && edges_[at & mask].key != 0) ++at;
    return at & mask;
  }
  void grow();

  uint32_t num_nodes_ = 1;
  std::vector<Edge> edges_;  // a hash table with open places; its size is a power of two
};

}  // namespace braid::text
