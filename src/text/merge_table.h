// Which two tokens of a BPE vocabulary merge, how early, and into what.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace braid::text {

struct Merge {
  uint32_t rank = UINT32_MAX;  // the lowest goes first; UINT32_MAX: the two do not merge
  int32_t id = -1;
};

/// A token of a word and how many of its bytes it stands for.
struct Symbol {
  int32_t id;
  uint32_t num_bytes;
};

class MergeTable {
 public:
  explicit MergeTable(size_t num_merges);
  /// A pair that is there already gets the new rank and id.
  void set(int32_t left, int32_t right, Merge merge);
  Merge find(int32_t left, int32_t right) const {
    const Place& place = places_[place_of(key_of(left, right))];
    return place.key == 0 ? Merge{} : place.merge;
  }
  /// Merges neighbours, the lowest rank first, of equal ones the leftmost, until none can be.
  /// Cost     short words: the square of the symbols; long ones: n log n, 40 bytes a symbol.
  void merge_all(std::vector<Symbol>& symbols) const;

 private:
  struct Place {
    uint64_t key = 0;  // left << 32 | right, plus 1; 0 = a free place
    Merge merge;
  };
  static uint64_t key_of(int32_t left, int32_t right) {
    return (static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 |
            static_cast<uint32_t>(right)) +
           1;
  }
  size_t place_of(uint64_t key) const {
    const size_t mask = places_.size() - 1;
    size_t at = (key * 0x9E3779B97F4A7C15u) >> 32;  // Fibonacci hashing
    while (places_[at & mask].key != key && places_[at & mask].key != 0) ++at;
    return at & mask;
  }
  void merge_few(std::vector<Symbol>& symbols) const;
  void merge_many(std::vector<Symbol>& symbols) const;

  std::vector<Place> places_;  // open addressing; a power of two
};

}  // namespace braid::text
