// Words to numbers: a WordPiece vocabulary, learned from the training texts or read from BERT's
// vocab.txt.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/config.h"
#include "text/normalize.h"
#include "text/piece_trie.h"

namespace braid::text {

/// Ids of the special tokens in a learned vocabulary; a parsed one may have them elsewhere.
constexpr int32_t kPad = 0, kUnknown = 1, kClass = 2, kSeparator = 3, kMask = 4;
constexpr int64_t kNumSpecialTokens = 5;

struct WordPieceConfig {
  int64_t vocabulary_size = 8000;  ///< upper bound; each token costs a row of the embedding table
  int64_t min_frequency = 2;       ///< higher learns fewer long pieces of rare words, fewer words
  std::string unit = "pieces";     ///< "words": rare words are left out instead of spelled
  int64_t max_word_letters =
      100;  ///< a longer word is [UNK], which bounds the cost of a hostile one
  NormalizeConfig normalize;
  template <class V>
  void visit(V& v) {
    v("vocabulary_size", vocabulary_size, between(6, 1 << 24),
      "most tokens, special ones included");
    v("min_frequency", min_frequency, at_least(1),
      "least count of a pair of pieces, or of a word, that becomes a token");
    v("unit", unit, one_of({"pieces", "words"}),
      "pieces: a word that is no token is spelled; words: it is left out, as is punctuation");
    v("max_word_letters", max_word_letters, between(1, 10000),
      "a longer word is unknown, or left out");
    v("normalize", normalize, any(), "what happens to letters before words are looked up");
  }
};

/// A vocabulary and the greedy longest-match encoding of Wu et al. 2016, arXiv:1609.08144; of whole
/// words where the config's unit says so. Copies
/// are independent; const members may be called from several threads.
class WordPiece {
 public:
  /// Learns a vocabulary: [PAD] [UNK] [CLS] [SEP] [MASK], the letters, then the most frequent
  /// pieces; or the most frequent words, none of them punctuation.
  ///
  /// `next_text` fills its argument and returns true, or returns false after the last text. Hand it
  /// the training texts alone: what the other splits say must not shape the vocabulary. The same
  /// texts in any order give the same vocabulary. No text at all leaves the special tokens. Errors
  /// config: a number out of the bounds that WordPieceConfig::visit names. Cost     one pass over
  /// the texts, memory for each distinct word, then learn_pieces().
  static WordPiece learn(const std::function<bool(std::string*)>& next_text,
                         const WordPieceConfig& config);

  /// Reads one token per line, ids in line order; `name` opens the error messages.
  ///
  /// Errors   format: no token, an empty or repeated one, not UTF-8, no [UNK]. config: as learn().
  static WordPiece parse(std::string_view vocab_text, const std::string& name,
                         const WordPieceConfig& config);

  /// The ids of `text`, at most `max_tokens` of them (0: all), without special tokens around them.
  /// A word that the pieces cannot spell is one [UNK]; where the unit is words it is left out.
  /// "[MASK]" written in the text is three words like any other.
  ///
  /// Errors   usage: max_tokens < 0.
  /// Cost     stops reading `text` once max_tokens are found.
  std::vector<int32_t> encode(std::string_view text, int64_t max_tokens) const;

  /// The words of `ids` with one space between them, pieces joined, [PAD], [CLS] and [SEP] left
  /// out.
  ///
  /// Errors   data: an id outside the vocabulary.
  std::string decode(const std::vector<int32_t>& ids) const;

  /// One token per line in id order, as BERT's vocab.txt; parse() reads it back. The config is not
  /// in it.
  std::string serialize() const;

  /// Errors   data: an id outside the vocabulary.
  const std::string& token(int32_t id) const;
  /// The id of a token, -1 where the vocabulary lacks it.
  int32_t id_of(const std::string& token) const;
  int64_t size() const { return static_cast<int64_t>(tokens_.size()); }
  const WordPieceConfig& config() const { return config_; }

 private:
  explicit WordPiece(const WordPieceConfig& config) : config_(config) {}
  bool add(const std::string& token);
  void encode_word(const std::string& word, std::vector<int32_t>& ids) const;

  WordPieceConfig config_;
  std::vector<std::string> tokens_;
  std::unordered_map<std::string, int32_t> ids_;
  int32_t unknown_ = kUnknown;
  PieceTrie begin_, inside_;  // what words begin with, and how they go on: without the "##"
};

}  // namespace braid::text
