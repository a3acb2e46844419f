// The pieces of a vocabulary as a tree of bytes: the longest one a word begins with, in one walk.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace braid::text {

/// Cost  16 to 32 bytes for each distinct beginning of a piece.
class PieceTrie {
 public:
  PieceTrie();
  /// Each piece once; not empty.
  void add(std::string_view piece, int32_t id);
  /// Id of the longest piece that `word` begins with, and its bytes; -1 and 0 where there is none.
  int32_t longest(std::string_view word, size_t* num_bytes) const;

 private:
  struct Edge {
    uint64_t key = 0;  // the node above << 8 | byte, plus 1; 0 = a free place
    uint32_t node = 0;
  };
  size_t place_of(uint64_t key) const;
  void grow();

  std::vector<int32_t> ids_;  // by node, -1 where no piece ends
  std::vector<Edge> edges_;   // a hash table with open places; its size is a power of two
};

}  // namespace braid::text
