// Which tokens a vocabulary consists of, learned from counted words: pieces by merging frequent
// pairs, or whole words.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace braid::text {

/// Opens a piece that continues a word, as in "play" "##ing".
constexpr char kContinuation[] = "##";

/// What limits learn_pieces().
struct PieceLimits {
  int64_t max_pieces = 8000;       ///< letters and merges together
  int64_t max_letters = 1000;      ///< size of the alphabet; the most frequent letters are kept
  int64_t min_frequency = 2;       ///< a pair seen less often is not merged
  int64_t max_word_letters = 100;  ///< longer words teach nothing
};

/// The pieces learned from `word_counts`: the letters (in code point order, then their "##" forms),
/// then one piece per merge, the most frequent pair of neighbours first.
///
/// Equal counts go to the pair that comes first by the bytes of its left, then its right piece, so
/// that the result depends on the counts alone. A letter's rarity does not keep it out of the
/// alphabet. A word with a letter outside the alphabet teaches nothing, for no vocabulary could
/// spell it. Cost     letters + merges * (words that hold the pair) * their length; keeps each
/// word's pieces. Source   Hugging Face tokenizers, WordPieceTrainer. Differs: max_pieces also
/// bounds the alphabet.
std::vector<std::string> learn_pieces(const std::unordered_map<std::string, int64_t>& word_counts,
                                      const PieceLimits& limits);

/// The words seen min_frequency times and more, the most frequent first (equal counts by their
/// bytes), at most max_pieces; neither punctuation nor words of more than max_word_letters.
///
/// Cost     one sort of the words.
std::vector<std::string> frequent_words(const std::unordered_map<std::string, int64_t>& word_counts,
                                        const PieceLimits& limits);

}  // namespace braid::text
