// Byte-pair encoding: letters, or bytes, merged in the order in which training merged them.
#include <algorithm>
#include <optional>

#include "core/error.h"
#include "text/code_points.h"
#include "text/merge_table.h"
#include "text/token_model.h"

namespace braid::text {
namespace {

/// Source   Sennrich et al. 2016, arXiv:1508.07909; Hugging Face tokenizers, models/bpe. Differs: a
///          table of the words that are one token takes the place of a cache that fills as it runs.
class BpeModel : public TokenModel {
 public:
  explicit BpeModel(Fields& fields)
      : merges_(as_list(fields.need("merges"), fields.where()).size()) {
    const std::string& where = fields.where();
    if (fields.find("dropout") != nullptr) {
      const PlainJson& dropout = fields.need("dropout");
      BRAID_CHECK(dropout.is_number() && dropout.get<double>() == 0, format,
                  "{}: \"dropout\": expected null, got {}; it is for training, set it to null",
                  where, dropout.is_number() ? dropout.dump() : dropout.type_name());
    }
    read_vocabulary(fields, vocabulary_);
    prefix_ = fields.text_or("continuing_subword_prefix", "");
    suffix_ = fields.text_or("end_of_word_suffix", "");
    fuses_unknown_ = fields.flag_or("fuse_unk", false);
    ignores_merges_ = fields.flag_or("ignore_merges", false);
    if (fields.flag_or("byte_fallback", false)) byte_ids_ = byte_ids(vocabulary_);
    has_unknown_ = fields.find("unk_token") != nullptr;
    unknown_ = vocabulary_.find(fields.text_or("unk_token", ""));
    read_merges(fields.need("merges"), where + ": \"merges\"");
    find_letters();
    find_whole_words();
  }

  void tokenize(std::string_view word, std::vector<WordToken>& tokens) const override {
    const auto size = static_cast<uint32_t>(word.size());
    if (ignores_merges_) {
      const int32_t id = vocabulary_.find(word);
      if (id >= 0) return tokens.push_back({id, 0, size});
    }
    const int32_t whole = find_whole(word);
    if (whole >= 0) return tokens.push_back({whole, 0, size});
    thread_local std::vector<Symbol> symbols;
    symbols.clear();
    spell(word, symbols);
    merges_.merge_all(symbols);
    uint32_t begin = 0;
    for (const Symbol& symbol : symbols) {
      tokens.push_back({symbol.id, begin, begin + symbol.num_bytes});
      begin += symbol.num_bytes;
    }
    if (symbols.capacity() > kMaxKept) std::vector<Symbol>().swap(symbols);
  }

 private:
  static constexpr size_t kMaxKept = 65536;
  static constexpr size_t kNumLetters = 0x800;  // those of one or two bytes; more go by the table
  static constexpr size_t kMaxWhole_bytes = 64;

  void read_merges(const PlainJson& merges, const std::string& where) {
    for (size_t i = 0; i < merges.size(); ++i) {
      const auto [left, right] = parse_merge(merges[i], i, where);
      const auto id_of = [&](const std::string& token) {
        const int32_t id = vocabulary_.find(token);
        BRAID_CHECK(id >= 0, format, "{}: row {}: expected tokens of the vocabulary, got '{}'",
                    where, i, token);
        return id;
      };
      const int32_t left_id = id_of(left), right_id = id_of(right);
      const int32_t id = id_of(left + right.substr(std::min(prefix_.size(), right.size())));
      merges_.set(left_id, right_id, {static_cast<uint32_t>(i), id});
    }
  }

  /// ["a", "b"] or, as in older files, "a b".
  static std::pair<std::string, std::string> parse_merge(const PlainJson& row, size_t i,
                                                         const std::string& where) {
    if (row.is_array() && row.size() == 2 && row[0].is_string() && row[1].is_string())
      return {row[0].get<std::string>(), row[1].get<std::string>()};
    const std::string text = row.is_string() ? row.get<std::string>() : "";
    const size_t space = text.find(' ');
    const bool is_pair =
        space != std::string::npos && text.find(' ', space + 1) == std::string::npos;
    BRAID_CHECK(is_pair, format, "{}: row {}: expected two tokens with a space between, got '{}'",
                where, i, text);
    return {text.substr(0, space), text.substr(space + 1)};
  }

  /// A letter as it stands in the vocabulary.
  int32_t find_letter(std::string_view letter, bool is_first, bool is_last) const {
    const bool has_prefix = !is_first && !prefix_.empty(), has_suffix = is_last && !suffix_.empty();
    if (!has_prefix && !has_suffix) return vocabulary_.find(letter);
    std::string token = has_prefix ? prefix_ : "";
    token += letter;
    if (has_suffix) token += suffix_;
    return vocabulary_.find(token);
  }

  void find_letters() {
    for (size_t kind = 0; kind < 4; ++kind) {
      letters_[kind].resize(kNumLetters);
      for (size_t c = 0; c < kNumLetters; ++c) {
        std::string letter;
        append_utf8(static_cast<int32_t>(c), letter);
        letters_[kind][c] = find_letter(letter, (kind & 1) != 0, (kind & 2) != 0);
      }
    }
  }

  /// Which tokens are what their own text is written as, so that a look finds most words.
  void find_whole_words() {
    is_whole_.assign(static_cast<size_t>(vocabulary_.size()), false);
    std::vector<Symbol> symbols;
    for (int32_t id = 0; id < vocabulary_.size(); ++id) {
      const std::string* token = vocabulary_.token(id);
      if (token == nullptr || token->size() <= suffix_.size()) continue;
      if (token->size() > kMaxWhole_bytes) continue;
      const size_t size = token->size() - suffix_.size();
      if (token->compare(size, std::string::npos, suffix_) != 0) continue;
      symbols.clear();
      spell(std::string_view(*token).substr(0, size), symbols);
      merges_.merge_all(symbols);
      is_whole_[static_cast<size_t>(id)] =
          symbols.size() == 1 && symbols[0].id == id && symbols[0].num_bytes == size;
    }
  }

  int32_t find_whole(std::string_view word) const {
    if (word.size() + suffix_.size() > kMaxWhole_bytes) return -1;
    int32_t id = -1;
    if (suffix_.empty()) {
      id = vocabulary_.find(word);
    } else {
      char token[kMaxWhole_bytes];
      std::copy(word.begin(), word.end(), token);
      std::copy(suffix_.begin(), suffix_.end(), token + word.size());
      id = vocabulary_.find(std::string_view(token, word.size() + suffix_.size()));
    }
    return id >= 0 && is_whole_[static_cast<size_t>(id)] ? id : -1;
  }

  /// Appends the letters of a word as symbols, before any merge.
  void spell(std::string_view word, std::vector<Symbol>& symbols) const {
    std::optional<Symbol> unknown;  // not yet appended, for others may join it
    for (size_t at = 0; at < word.size();) {
      const size_t begin = at;
      const auto code_point = static_cast<size_t>(step_code_point(word, at));
      const auto num_bytes = static_cast<uint32_t>(at - begin);
      const bool is_first = begin == 0, is_last = at == word.size();
      const size_t kind = (is_first ? 1u : 0u) | (is_last ? 2u : 0u);
      const std::string_view letter = word.substr(begin, num_bytes);
      const int32_t id = code_point < kNumLetters ? letters_[kind][code_point]
                                                  : find_letter(letter, is_first, is_last);
      if (id >= 0) {
        if (unknown) symbols.push_back(*unknown);
        unknown.reset();
        symbols.push_back({id, num_bytes});
      } else if (!spell_by_bytes(letter, is_first, is_last, symbols) && has_unknown_) {
        BRAID_CHECK(unknown_ >= 0, data,
                    "text: '{}': expected letters of the vocabulary, got another, and its unknown "
                    "token is none of its tokens",
                    letter);
        if (unknown && fuses_unknown_) {
          unknown->num_bytes += num_bytes;
        } else {
          if (unknown) symbols.push_back(*unknown);
          unknown = Symbol{unknown_, num_bytes};
        }
      }
    }
    if (unknown) symbols.push_back(*unknown);
  }

  /// False, and nothing appended, where a byte is not in the vocabulary.
  bool spell_by_bytes(std::string_view letter, bool is_first, bool is_last,
                      std::vector<Symbol>& symbols) const {
    if (byte_ids_.empty()) return false;
    std::string bytes = is_first ? "" : prefix_;
    bytes += letter;
    if (is_last) bytes += suffix_;
    const size_t num_before = symbols.size();
    for (const char c : bytes) {
      const int32_t id = byte_ids_[static_cast<uint8_t>(c)];
      if (id < 0) {
        symbols.resize(num_before);
        return false;
      }
      symbols.push_back({id, 1});
    }
    return true;
  }

  MergeTable merges_;
  std::string prefix_, suffix_;
  int32_t unknown_ = -1;
  // Without an unknown token letters outside the vocabulary are dropped.
  bool has_unknown_ = false, fuses_unknown_ = false, ignores_merges_ = false;
  std::vector<int32_t> byte_ids_;    // empty: unknown letters are not written as bytes
  std::vector<int32_t> letters_[4];  // ids; bit 0: first of the word, bit 1: last
  std::vector<bool> is_whole_;       // by id
};

}  // namespace

std::unique_ptr<TokenModel> make_bpe(Fields& fields) { return std::make_unique<BpeModel>(fields); }

}  // namespace braid::text
