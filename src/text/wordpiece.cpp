#include "text/wordpiece.h"

#include <algorithm>

#include "core/error.h"
#include "text/code_points.h"
#include "text/pieces.h"

namespace braid::text {
namespace {

constexpr int64_t kMaxLetters = 1000;
const char* const kSpecialTokens[kNumSpecialTokens] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]",
                                                       "[MASK]"};
constexpr size_t kContinuationBytes = sizeof(kContinuation) - 1;

bool is_continuation(const std::string& token) {
  return token.size() > kContinuationBytes &&
         token.compare(0, kContinuationBytes, kContinuation) == 0;
}

/// Holds a config that no file was read into to the same bounds.
void check(const WordPieceConfig& config) {
  WordPieceConfig checked;
  read_config(dump_config(config), "text", checked);
}

}  // namespace

WordPiece WordPiece::learn(const std::function<bool(std::string*)>& next_text,
                           const WordPieceConfig& config) {
  check(config);
  std::unordered_map<std::string, int64_t> word_counts;
  std::string text;
  while (next_text(&text)) {
    for_each_word(text, config.normalize, [&word_counts](const std::string& word) {
      ++word_counts[word];
      return true;
    });
  }
  PieceLimits limits;
  limits.max_pieces = config.vocabulary_size - kNumSpecialTokens;
  limits.max_letters = kMaxLetters;
  limits.min_frequency = config.min_frequency;
  limits.max_word_letters = config.max_word_letters;
  WordPiece learned(config);
  for (const char* token : kSpecialTokens) learned.add(token);
  const bool is_whole = config.unit == "words";
  for (const std::string& token :
       is_whole ? frequent_words(word_counts, limits) : learn_pieces(word_counts, limits))
    learned.add(token);
  return learned;
}

WordPiece WordPiece::parse(std::string_view vocab_text, const std::string& name,
                           const WordPieceConfig& config) {
  check(config);
  WordPiece parsed(config);
  for (int64_t line = 1; !vocab_text.empty(); ++line) {
    const size_t end = std::min(vocab_text.find('\n'), vocab_text.size());
    std::string token(vocab_text.substr(0, end));
    vocab_text.remove_prefix(std::min(end + 1, vocab_text.size()));
    if (!token.empty() && token.back() == '\r') token.pop_back();
    BRAID_CHECK(!token.empty(), format, "{}:{}: expected a token, got an empty line; remove it",
                name, line);
    BRAID_CHECK(is_utf8(token), format,
                "{}:{}: expected UTF-8, got other bytes; is this a vocab.txt?", name, line);
    BRAID_CHECK(parsed.add(token), format,
                "{}:{}: token '{}': expected each token once, got it on line {} too; remove one",
                name, line, token, parsed.id_of(token) + 1);
  }
  BRAID_CHECK(parsed.size() > 0, format,
              "{}: expected one token per line, got an empty file; is the file complete?", name);
  parsed.unknown_ = parsed.id_of(kSpecialTokens[kUnknown]);
  BRAID_CHECK(parsed.unknown_ >= 0, format,
              "{}: expected the token [UNK], got {} tokens without it; add it", name,
              parsed.size());
  return parsed;
}

bool WordPiece::add(const std::string& token) {
  if (!ids_.emplace(token, static_cast<int32_t>(tokens_.size())).second) return false;
  const auto id = static_cast<int32_t>(tokens_.size());
  if (is_continuation(token))
    inside_.add(std::string_view(token).substr(kContinuationBytes), id);
  else if (!token.empty())
    begin_.add(token, id);
  tokens_.push_back(token);
  return true;
}

std::vector<int32_t> WordPiece::encode(std::string_view text, int64_t max_tokens) const {
  BRAID_CHECK(max_tokens >= 0, usage, "encode: max_tokens: expected 0 (all) or more, got {}",
              max_tokens);
  std::vector<int32_t> ids;
  const auto is_full = [&] {
    return max_tokens > 0 && static_cast<int64_t>(ids.size()) >= max_tokens;
  };
  for_each_word(text, config_.normalize, [&](const std::string& word) {
    encode_word(word, ids);
    return !is_full();
  });
  if (is_full()) ids.resize(static_cast<size_t>(max_tokens));
  return ids;
}

void WordPiece::encode_word(const std::string& word, std::vector<int32_t>& ids) const {
  const size_t num_before = ids.size();
  bool is_spelled = count_code_points(word) <= config_.max_word_letters;
  // Tokens are UTF-8, as words are, so that a piece ends where a letter does.
  for (size_t begin = 0; is_spelled && begin < word.size();) {
    size_t num_bytes = 0;
    const PieceTrie& pieces = begin > 0 ? inside_ : begin_;
    ids.push_back(pieces.longest(std::string_view(word).substr(begin), &num_bytes));
    is_spelled = num_bytes > 0;
    begin += num_bytes;
  }
  if (is_spelled) return;
  ids.resize(num_before);
  if (config_.unit != "words") ids.push_back(unknown_);
}

std::string WordPiece::decode(const std::vector<int32_t>& ids) const {
  std::string out;
  for (int32_t id : ids) {
    const std::string& piece = token(id);
    if (piece == kSpecialTokens[kPad] || piece == kSpecialTokens[kClass] ||
        piece == kSpecialTokens[kSeparator]) {
      continue;
    }
    if (is_continuation(piece)) {
      out.append(piece, kContinuationBytes, std::string::npos);
    } else {
      if (!out.empty()) out += ' ';
      out += piece;
    }
  }
  return out;
}

std::string WordPiece::serialize() const {
  std::string out;
  for (const std::string& token : tokens_) (out += token) += '\n';
  return out;
}

const std::string& WordPiece::token(int32_t id) const {
  BRAID_CHECK(id >= 0 && id < size(), data,
              "token id: expected 0 to {}, got {}; is this another vocabulary's id?", size() - 1,
              id);
  return tokens_[static_cast<size_t>(id)];
}

int32_t WordPiece::id_of(const std::string& token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? -1 : found->second;
}

}  // namespace braid::text
