#include "text/pieces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/rng.h"
#include "text/normalize.h"

namespace braid::text {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Counts = std::unordered_map<std::string, int64_t>;

PieceLimits limits(int64_t max_pieces, int64_t min_frequency = 1) {
  PieceLimits limits;
  limits.max_pieces = max_pieces;
  limits.min_frequency = min_frequency;
  return limits;
}

TEST(pieces, merges_the_most_frequent_pair_first) {
  // low 5, lower 2, new 6, newer 3. Letters: e l n o r w; inside: e o r w.
  // Pairs: n-##e 9, ##e-##w 9, l-##o 7, ##o-##w 7, ##w-##e 2+3=5, ##e-##r 5.
  // 1. 9, tie: "##e" < "n"          -> ##ew; now n-##ew 9, l-##o 7, ##o-##w 7, ##ew-##e 3, ##e-##r
  // 5, ##w-##e 2
  // 2. n-##ew 9                     -> new;  now new-##e 3
  // 3. 7, tie: "##o" < "l"          -> ##ow; now l-##ow 7, ##ow-##e 2
  // 4. l-##ow 7                     -> low;  now low-##e 2
  // 5. ##e-##r 5                    -> ##er; now new-##er 3, low-##er 2
  // 6. new-##er 3 -> newer; 7. low-##er 2 -> lower
  const Counts counts{{"low", 5}, {"lower", 2}, {"new", 6}, {"newer", 3}};
  const std::vector<std::string> all{"e",    "l",   "n",    "o",     "r",    "w",
                                     "##e",  "##o", "##r",  "##w",   "##ew", "new",
                                     "##ow", "low", "##er", "newer", "lower"};
  EXPECT_EQ(learn_pieces(counts, limits(100)), all);
  EXPECT_EQ(learn_pieces(counts, limits(12)),
            std::vector<std::string>(all.begin(), all.begin() + 12));
  // At least 3: the last merge (2) is not made.
  EXPECT_EQ(learn_pieces(counts, limits(100, 3)),
            std::vector<std::string>(all.begin(), all.end() - 1));
}

TEST(pieces, whole_words_come_by_count_and_punctuation_never) {
  const Counts counts{{"cat", 3}, {"dog", 3}, {"a", 9}, {"rare", 1}, {",", 50}, {"\u2014", 50}};
  EXPECT_THAT(frequent_words(counts, limits(100, 2)), ElementsAre("a", "cat", "dog"));
  EXPECT_THAT(frequent_words(counts, limits(2, 2)), ElementsAre("a", "cat"));
  PieceLimits short_ones = limits(100);
  short_ones.max_word_letters = 3;
  EXPECT_THAT(frequent_words(counts, short_ones), ElementsAre("a", "cat", "dog"));
  EXPECT_THAT(frequent_words({}, limits(100)), IsEmpty());
}

TEST(pieces, overlapping_pairs_are_merged_from_the_left) {
  // aaaaa 1: a ##a ##a ##a ##a. ##a-##a 3 -> a ##aa ##aa: a-##aa 1, ##aa-##aa 1; "##aa" < "a" ->
  // ##aaaa; aaaaa.
  EXPECT_THAT(learn_pieces({{"aaaaa", 1}}, limits(100)),
              ElementsAre("a", "##a", "##aa", "##aaaa", "aaaaa"));
}

TEST(pieces, letters_enter_however_rare_up_to_the_limits) {
  const Counts counts{{"aab", 9}, {"c", 1}};
  EXPECT_THAT(learn_pieces(counts, limits(5, 100)), ElementsAre("a", "b", "c", "##a", "##b"));
  // a costs two places (seen inside), b two; c finds no place among four.
  EXPECT_THAT(learn_pieces(counts, limits(4, 100)), ElementsAre("a", "b", "##a", "##b"));
  PieceLimits one_letter = limits(100);
  one_letter.max_letters = 1;
  // aab has the letter b, which no vocabulary of this alphabet spells, so it teaches no merge.
  EXPECT_THAT(learn_pieces(counts, one_letter), ElementsAre("a", "##a"));
}

TEST(pieces, long_words_and_no_words_teach_nothing) {
  EXPECT_THAT(learn_pieces({}, limits(10)), IsEmpty());
  PieceLimits short_words = limits(10);
  short_words.max_word_letters = 2;
  EXPECT_THAT(learn_pieces({{"abc", 5}, {"\u00E9z", 1}}, short_words),
              ElementsAre("z", "\u00E9", "##z", "\u00E9z"));
}

/// The slow, obvious version: counts all pairs anew before each merge.
std::vector<std::string> learn_slowly(const Counts& counts, int64_t max_pieces,
                                      int64_t min_frequency) {
  std::map<std::string, std::pair<std::vector<std::string>, int64_t>> words;
  std::map<std::string, bool> letters;
  for (const auto& [word, count] : counts) {
    auto& [pieces, weight] = words[word];
    weight = count;
    for (std::string_view letter : split_letters(word)) {
      letters[std::string(letter)] |= !pieces.empty();
      pieces.push_back((pieces.empty() ? "" : "##") + std::string(letter));
    }
  }
  std::vector<std::string> learned;
  for (const auto& [letter, inside] : letters) learned.push_back(letter);
  for (const auto& [letter, inside] : letters) {
    if (inside) learned.push_back("##" + letter);
  }
  while (static_cast<int64_t>(learned.size()) < max_pieces) {
    std::map<std::pair<std::string, std::string>, int64_t> pairs;
    for (const auto& [text, word] : words) {
      for (size_t i = 0; i + 1 < word.first.size(); ++i) {
        pairs[{word.first[i], word.first[i + 1]}] += word.second;
      }
    }
    // std::map walks in lexicographic order and max_element keeps the first of equals.
    const auto best =
        std::max_element(pairs.begin(), pairs.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (best == pairs.end() || best->second < min_frequency) break;
    const std::string merged = best->first.first + best->first.second.substr(2);
    if (std::find(learned.begin(), learned.end(), merged) == learned.end())
      learned.push_back(merged);
    for (auto& [text, word] : words) {
      for (size_t i = 0; i + 1 < word.first.size(); ++i) {
        if (word.first[i] != best->first.first || word.first[i + 1] != best->first.second) continue;
        word.first[i] = merged;
        word.first.erase(word.first.begin() + static_cast<int64_t>(i) + 1);
      }
    }
  }
  return learned;
}

TEST(pieces, agrees_with_counting_anew_before_each_merge) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed);
    Counts counts;
    for (int64_t i = 0; i < 60; ++i) {
      std::string word;
      const int64_t length = 1 + static_cast<int64_t>(rng.below(8));
      for (int64_t k = 0; k < length; ++k) word += static_cast<char>('a' + rng.below(3));
      counts[word] += 1 + static_cast<int64_t>(rng.below(20));
    }
    ASSERT_EQ(learn_pieces(counts, limits(120, 3)), learn_slowly(counts, 120, 3))
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace braid::text
