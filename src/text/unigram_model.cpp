// Unigram: the pieces whose scores add up to the most (SentencePiece's default).
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "text/code_points.h"
#include "text/piece_trie.h"
#include "text/token_model.h"

namespace braid::text {
namespace {

constexpr double kUnknownPenalty = 10;
// Time is the text's length times the longest piece's, which is 16 letters unless trained
// otherwise.
constexpr size_t kMaxPiece_bytes = 1024;

/// The best way to write the text up to some byte: its score and its last piece.
struct Step {
  double score = 0;
  uint32_t begin = 0;
  int32_t id = -1;  // -1: no way leads here
};

/// Cost     time: bytes times the longest piece; memory: 16 bytes a byte of the word.
/// Source   Kudo 2018, arXiv:1804.10959; Hugging Face tokenizers, models/unigram.
class UnigramModel : public TokenModel {
 public:
  explicit UnigramModel(Fields& fields) {
    read_pieces(as_list(fields.need("vocab"), fields.where() + ": \"vocab\""), fields.where());
    unknown_ = static_cast<int32_t>(fields.number_or("unk_id", -1));
    BRAID_CHECK(unknown_ < vocabulary_.size(), format,
                "{}: \"unk_id\": expected a piece's number below {}, got {}", fields.where(),
                vocabulary_.size(), unknown_);
    if (fields.flag_or("byte_fallback", false)) byte_ids_ = byte_ids(vocabulary_);
    for (double score : scores_) unknown_score_ = std::min(unknown_score_, score);
    unknown_score_ -= kUnknownPenalty;
  }

  void tokenize(std::string_view word, std::vector<WordToken>& tokens) const override {
    thread_local std::vector<Step> steps;
    steps.assign(word.size() + 1, Step{});
    find_best(word, steps);
    const size_t num_before = tokens.size();
    for (size_t end = word.size(); end > 0;) {
      size_t begin = steps[end].begin;
      const int32_t id = steps[end].id;
      // Unknown letters side by side are one token.
      while (id == unknown_ && begin > 0 && steps[begin].id == unknown_) begin = steps[begin].begin;
      put_backwards(word, begin, end, id, tokens);
      end = begin;
    }
    std::reverse(tokens.begin() + static_cast<std::ptrdiff_t>(num_before), tokens.end());
    if (steps.size() > kMaxKept) {
      steps.clear();
      steps.shrink_to_fit();
    }
  }

 private:
  static constexpr size_t kMaxKept = 65536;

  void read_pieces(const PlainJson& vocab, const std::string& where) {
    for (size_t i = 0; i < vocab.size(); ++i) {
      const PlainJson& row = vocab[i];
      const bool is_row =
          row.is_array() && row.size() == 2 && row[0].is_string() && row[1].is_number();
      BRAID_CHECK(is_row, format, "{}: \"vocab\": row {}: expected [piece, score], got {}", where,
                  i, row.dump(-1, ' ', false, PlainJson::error_handler_t::replace).substr(0, 80));
      const auto piece = row[0].get<std::string>();
      BRAID_CHECK(piece.size() <= kMaxPiece_bytes, format,
                  "{}: \"vocab\": row {}: expected a piece of at most {} bytes, got {}", where, i,
                  kMaxPiece_bytes, piece.size());
      const auto score = row[1].get<double>();
      BRAID_CHECK(std::isfinite(score), format, "{}: \"vocab\": row {}: expected a finite score",
                  where, i);
      vocabulary_.add(piece, static_cast<int64_t>(i), where);
      scores_.push_back(score);
      if (!piece.empty()) trie_.add(piece, static_cast<int32_t>(i));
    }
  }

  static void offer(Step& step, double score, size_t begin, int32_t id) {
    if (step.id >= 0 && score <= step.score) return;
    step = {score, static_cast<uint32_t>(begin), id};
  }

  void find_best(std::string_view word, std::vector<Step>& steps) const {
    for (size_t begin = 0; begin < word.size();) {
      const size_t letter_bytes = length_by_lead(word[begin]);
      const double score_here = steps[begin].score;
      bool has_letter = false;
      trie_.for_each_beginning(word.substr(begin), [&](int32_t id, size_t num_bytes) {
        offer(steps[begin + num_bytes], scores_[static_cast<size_t>(id)] + score_here, begin, id);
        has_letter = has_letter || num_bytes == letter_bytes;
      });
      if (!has_letter) {
        BRAID_CHECK(unknown_ >= 0, data,
                    "text: '{}': expected letters of the vocabulary, got another, and there is no "
                    "unknown token",
                    word.substr(begin, letter_bytes));
        offer(steps[begin + letter_bytes], unknown_score_ + score_here, begin, unknown_);
      }
      begin += letter_bytes;
    }
  }

  /// Appends the tokens of [begin, end), the last one first.
  void put_backwards(std::string_view word, size_t begin, size_t end, int32_t id,
                     std::vector<WordToken>& tokens) const {
    const auto from = static_cast<uint32_t>(begin), to = static_cast<uint32_t>(end);
    if (id != unknown_) {
      tokens.push_back({id, from, to});
      return;
    }
    const std::string_view letters = word.substr(begin, end - begin);
    const int32_t known = vocabulary_.find(letters);
    const auto id_of = [this](char c) { return byte_ids_[static_cast<uint8_t>(c)]; };
    const bool by_bytes =
        known < 0 && !byte_ids_.empty() &&
        std::all_of(letters.begin(), letters.end(), [&](char c) { return id_of(c) >= 0; });
    if (!by_bytes) {
      tokens.push_back({known >= 0 ? known : unknown_, from, to});
      return;
    }
    for (size_t i = letters.size(); i > 0; --i) tokens.push_back({id_of(letters[i - 1]), from, to});
  }

  PieceTrie trie_;
  std::vector<double> scores_;
  double unknown_score_ = std::numeric_limits<double>::infinity();
  int32_t unknown_ = -1;
  std::vector<int32_t> byte_ids_;  // empty: unknown letters are not written as bytes
};

}  // namespace

std::unique_ptr<TokenModel> make_unigram(Fields& fields) {
  return std::make_unique<UnigramModel>(fields);
}

}  // namespace braid::text
