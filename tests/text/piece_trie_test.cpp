#include "text/piece_trie.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/rng.h"

namespace braid::text {
namespace {

TEST(piece_trie, finds_the_longest) {
  PieceTrie trie;
  trie.add("a", 3);
  trie.add("abc", 5);
  trie.add("é", 7);
  size_t num_bytes = 9;
  EXPECT_EQ(trie.longest("abcd", &num_bytes), 5);
  EXPECT_EQ(num_bytes, 3u);
  EXPECT_EQ(trie.longest("abd", &num_bytes), 3);
  EXPECT_EQ(num_bytes, 1u);
  EXPECT_EQ(trie.longest("éa", &num_bytes), 7);
  EXPECT_EQ(num_bytes, 2u);
  for (const char* word : {"b", ""}) {
    EXPECT_EQ(trie.longest(word, &num_bytes), -1);
    EXPECT_EQ(num_bytes, 0u);
  }
}

// The slow way: every beginning of the word, longest first, in a map.
TEST(piece_trie, equals_the_search_in_a_map) {
  Rng rng(1);
  const auto word = [&rng](uint64_t longest) {
    std::string letters;
    for (uint64_t i = 1 + rng.below(longest); i > 0; --i)
      letters += static_cast<char>('a' + rng.below(3));
    return letters;
  };
  PieceTrie trie;
  std::map<std::string, int32_t> pieces;
  for (int32_t id = 0; id < 500; ++id) {
    const std::string piece = word(9);
    if (pieces.emplace(piece, id).second) trie.add(piece, id);
  }
  for (int i = 0; i < 2000; ++i) {
    const std::string letters = word(12);
    int32_t want = -1;
    size_t want_bytes = letters.size(), num_bytes = 0;
    for (; want_bytes > 0 && want < 0; --want_bytes) {
      const auto found = pieces.find(letters.substr(0, want_bytes));
      if (found != pieces.end()) want = found->second;
    }
    EXPECT_EQ(trie.longest(letters, &num_bytes), want) << letters;
    EXPECT_EQ(num_bytes, want < 0 ? 0 : want_bytes + 1) << letters;
  }
}

}  // namespace
}  // namespace braid::text
