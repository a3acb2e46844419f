#include "text/pieces.h"

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <string_view>
#include <utility>

#include "text/code_points.h"
#include "text/normalize.h"

namespace braid::text {
namespace {

struct CountedWord {
  std::vector<std::string_view> letters;
  int64_t count = 0;
};

/// The usable words in byte order, so that nothing depends on the order of a hash table.
std::vector<CountedWord> usable_words(const std::unordered_map<std::string, int64_t>& word_counts,
                                      int64_t max_word_letters) {
  std::vector<std::pair<std::string_view, int64_t>> sorted(word_counts.begin(), word_counts.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<CountedWord> words;
  for (const auto& [text, count] : sorted) {
    CountedWord word{split_letters(text), count};
    if (word.letters.empty() || static_cast<int64_t>(word.letters.size()) > max_word_letters)
      continue;
    words.push_back(std::move(word));
  }
  return words;
}

/// The letters that enter the vocabulary, and which of them are seen inside words.
struct Alphabet {
  std::set<std::string_view> letters;
  std::set<std::string_view> inside;
};

Alphabet choose_alphabet(const std::vector<CountedWord>& words, const PieceLimits& limits) {
  struct Use {
    int64_t count = 0;
    bool is_inside = false;
  };
  std::map<std::string_view, Use> uses;
  for (const CountedWord& word : words) {
    for (size_t i = 0; i < word.letters.size(); ++i) {
      Use& use = uses[word.letters[i]];
      use.count += word.count;
      use.is_inside = use.is_inside || i > 0;
    }
  }
  std::vector<std::pair<std::string_view, Use>> ranked(uses.begin(), uses.end());
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  Alphabet alphabet;
  int64_t num_pieces = 0;
  for (const auto& [letter, use] : ranked) {
    num_pieces += use.is_inside ? 2 : 1;
    if (num_pieces > limits.max_pieces) break;
    if (static_cast<int64_t>(alphabet.letters.size()) == limits.max_letters) break;
    alphabet.letters.insert(letter);
    if (use.is_inside) alphabet.inside.insert(letter);
  }
  return alphabet;
}

/// Pairs of neighbouring pieces and how often they occur, kept up to date merge by merge.
class Merger {
 public:
  Merger(const std::vector<CountedWord>& words, const Alphabet& alphabet) {
    for (std::string_view letter : alphabet.letters) id_of(std::string(letter));
    for (std::string_view letter : alphabet.inside) id_of(kContinuation + std::string(letter));
    for (const CountedWord& word : words) add_word(word, alphabet);
    for (const auto& [pair, seen] : pairs_) candidates_.push(candidate(pair, seen.count));
  }

  void run(const PieceLimits& limits) {
    while (static_cast<int64_t>(pieces_.size()) < limits.max_pieces && !candidates_.empty()) {
      const Candidate best = candidates_.top();
      candidates_.pop();
      const auto found = pairs_.find(best.pair);
      if (found == pairs_.end()) continue;
      if (found->second.count != best.count) {
        // Counts that fell are noticed here only; those that rose were pushed anew by merge().
        if (found->second.count < best.count)
          candidates_.push(candidate(best.pair, found->second.count));
        continue;
      }
      if (best.count < limits.min_frequency) return;
      merge(best.pair);
    }
  }

  std::vector<std::string> take_pieces() { return std::move(pieces_); }

 private:
  struct Word {
    std::vector<int32_t> pieces;
    int64_t count;
  };
  struct Seen {
    int64_t count = 0;
    std::vector<uint32_t> words;  // those that hold the pair or once did
  };
  using Pair = uint64_t;  // left piece's number, right piece's number
  struct Candidate {
    int64_t count;
    Pair pair;
    std::string left, right;
    /// For std::priority_queue: true where *this comes later.
    bool operator<(const Candidate& other) const {
      if (count != other.count) return count < other.count;
      if (left != other.left) return left > other.left;
      return right > other.right;
    }
  };

  static Pair make_pair(int32_t left, int32_t right) {
    return (static_cast<uint64_t>(left) << 32) | static_cast<uint32_t>(right);
  }
  static int32_t left_of(Pair pair) { return static_cast<int32_t>(pair >> 32); }
  static int32_t right_of(Pair pair) { return static_cast<int32_t>(pair & 0xFFFFFFFF); }

  Candidate candidate(Pair pair, int64_t count) const {
    return {count, pair, pieces_[static_cast<size_t>(left_of(pair))],
            pieces_[static_cast<size_t>(right_of(pair))]};
  }

  int32_t id_of(const std::string& piece) {
    const auto [at, is_new] = ids_.emplace(piece, static_cast<int32_t>(pieces_.size()));
    if (is_new) pieces_.push_back(piece);
    return at->second;
  }

  void add_word(const CountedWord& word, const Alphabet& alphabet) {
    Word spelled{{}, word.count};
    for (size_t i = 0; i < word.letters.size(); ++i) {
      if (alphabet.letters.count(word.letters[i]) == 0) return;
      spelled.pieces.push_back(id_of((i > 0 ? kContinuation : "") + std::string(word.letters[i])));
    }
    const auto number = static_cast<uint32_t>(words_.size());
    for (size_t i = 0; i + 1 < spelled.pieces.size(); ++i) {
      Seen& seen = pairs_[make_pair(spelled.pieces[i], spelled.pieces[i + 1])];
      seen.count += word.count;
      if (seen.words.empty() || seen.words.back() != number) seen.words.push_back(number);
    }
    words_.push_back(std::move(spelled));
  }

  void add_counts(const Word& word, int64_t sign) {
    for (size_t i = 0; i + 1 < word.pieces.size(); ++i) {
      pairs_[make_pair(word.pieces[i], word.pieces[i + 1])].count += sign * word.count;
    }
  }

  void merge(Pair pair) {
    const std::string right = pieces_[static_cast<size_t>(right_of(pair))];
    const int32_t merged = id_of(pieces_[static_cast<size_t>(left_of(pair))] +
                                 right.substr(sizeof(kContinuation) - 1));
    const std::vector<uint32_t> holders = std::move(pairs_[pair].words);
    std::set<Pair> risen;
    for (uint32_t number : holders) merge_in(words_[number], number, pair, merged, risen);
    pairs_.erase(pair);
    for (Pair grown : risen) {
      const auto found = pairs_.find(grown);
      if (found != pairs_.end()) candidates_.push(candidate(grown, found->second.count));
    }
  }

  void merge_in(Word& word, uint32_t number, Pair pair, int32_t merged, std::set<Pair>& risen) {
    std::vector<int32_t> pieces;
    pieces.reserve(word.pieces.size());
    for (size_t i = 0; i < word.pieces.size(); ++i) {
      const bool is_here =
          i + 1 < word.pieces.size() && make_pair(word.pieces[i], word.pieces[i + 1]) == pair;
      pieces.push_back(is_here ? merged : word.pieces[i]);
      if (is_here) ++i;
    }
    if (pieces.size() == word.pieces.size()) return;
    add_counts(word, -1);
    word.pieces.swap(pieces);
    add_counts(word, +1);
    for (size_t i = 0; i + 1 < word.pieces.size(); ++i) {
      if (word.pieces[i] != merged && word.pieces[i + 1] != merged) continue;
      const Pair fresh = make_pair(word.pieces[i], word.pieces[i + 1]);
      std::vector<uint32_t>& holders = pairs_[fresh].words;
      if (holders.empty() || holders.back() != number) holders.push_back(number);
      risen.insert(fresh);
    }
  }

  std::vector<std::string> pieces_;
  std::unordered_map<std::string, int32_t> ids_;
  std::vector<Word> words_;
  std::unordered_map<Pair, Seen> pairs_;
  std::priority_queue<Candidate> candidates_;
};

}  // namespace

std::vector<std::string> learn_pieces(const std::unordered_map<std::string, int64_t>& word_counts,
                                      const PieceLimits& limits) {
  const std::vector<CountedWord> words = usable_words(word_counts, limits.max_word_letters);
  Merger merger(words, choose_alphabet(words, limits));
  merger.run(limits);
  return merger.take_pieces();
}

std::vector<std::string> frequent_words(const std::unordered_map<std::string, int64_t>& word_counts,
                                        const PieceLimits& limits) {
  std::vector<std::pair<int64_t, std::string>> found;  // minus the count, so that order is <
  for (const auto& [word, count] : word_counts) {
    size_t num_bytes = 0;
    if (count >= limits.min_frequency && count_code_points(word) <= limits.max_word_letters &&
        !is_punctuation(next_code_point(word, num_bytes)))
      found.emplace_back(-count, word);
  }
  std::sort(found.begin(), found.end());
  const auto limit = static_cast<size_t>(std::max<int64_t>(0, limits.max_pieces));
  if (found.size() > limit) found.resize(limit);
  std::vector<std::string> words;
  words.reserve(found.size());
  for (auto& [count, word] : found) words.push_back(std::move(word));
  return words;
}

}  // namespace braid::text
