#include "text/merge_table.h"

#include <gtest/gtest.h>

#include <map>

#include "core/rng.h"
#include "text/components.h"

namespace braid::text {
namespace {

std::vector<int32_t> merged(const MergeTable& table, const std::vector<int32_t>& ids) {
  std::vector<Symbol> symbols;
  for (const int32_t id : ids) symbols.push_back({id, 1});
  table.merge_all(symbols);
  std::vector<int32_t> out;
  uint32_t num_bytes = 0;
  for (const Symbol& symbol : symbols) {
    out.push_back(symbol.id);
    num_bytes += symbol.num_bytes;
  }
  EXPECT_EQ(num_bytes, ids.size());
  return out;
}

// Ids 0 a, 1 b, 2 ab, 3 ba, 4 aba: "ab" comes before "ba", and "aba" last.
TEST(merge_table, the_earliest_merge_first_and_the_leftmost_of_equals) {
  MergeTable table(3);
  table.set(0, 1, {0, 2});
  table.set(1, 0, {1, 3});
  table.set(2, 0, {2, 4});
  EXPECT_EQ(merged(table, {1, 0, 1}), (std::vector<int32_t>{1, 2}));
  EXPECT_EQ(merged(table, {0, 1, 0}), (std::vector<int32_t>{4}));
  EXPECT_EQ(merged(table, {1, 0}), (std::vector<int32_t>{3}));
  EXPECT_EQ(merged(table, {0}), (std::vector<int32_t>{0}));
  MergeTable twins(1);
  twins.set(0, 0, {0, 1});
  EXPECT_EQ(merged(twins, {0, 0, 0}), (std::vector<int32_t>{1, 0}));
}

/// The slow way: look through the whole word for the best merge each time.
std::vector<int32_t> slowly(const MergeTable& table, std::vector<int32_t> ids) {
  while (true) {
    size_t best = ids.size();
    Merge first;
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      const Merge merge = table.find(ids[i], ids[i + 1]);
      if (merge.rank < first.rank) {
        first = merge;
        best = i;
      }
    }
    if (best == ids.size()) return ids;
    ids[best] = first.id;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
}

// Ids are texts of three letters, as a vocabulary has them, so that a merge is one of
// concatenation.
TEST(merge_table, short_and_long_words_as_the_slow_way) {
  Rng rng(1);
  std::vector<std::string> texts = {"a", "b", "c"};
  std::map<std::string, int32_t> ids = {{"a", 0}, {"b", 1}, {"c", 2}};
  MergeTable table(200);
  for (uint32_t rank = 0; rank < 200; ++rank) {
    const auto left = static_cast<int32_t>(rng.below(texts.size()));
    const auto right = static_cast<int32_t>(rng.below(texts.size()));
    if (table.find(left, right).id >= 0) continue;
    const std::string text = texts[static_cast<size_t>(left)] + texts[static_cast<size_t>(right)];
    const auto [at, is_new] = ids.emplace(text, static_cast<int32_t>(texts.size()));
    if (is_new) texts.push_back(text);
    table.set(left, right, {rank, at->second});
  }
  for (int i = 0; i < 300; ++i) {
    std::vector<int32_t> word;
    const uint64_t size = 1 + rng.below(i % 3 == 0 ? 400 : 40);
    for (uint64_t k = 0; k < size; ++k) word.push_back(static_cast<int32_t>(rng.below(3)));
    EXPECT_EQ(merged(table, word), slowly(table, word));
  }
}

}  // namespace
}  // namespace braid::text
