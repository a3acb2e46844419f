// SentencePiece's compiled normalisation rules: a double-array trie of what changes, and texts.
#include <utf8proc.h>

#include <array>
#include <cstring>

#include "core/error.h"
#include "text/code_points.h"
#include "text/normalizer.h"

namespace braid::text {
namespace {

constexpr size_t kMaxGrapheme_bytes = 6;  // longer ones go letter by letter

std::string from_base64(const std::string& letters, const std::string& where) {
  std::string bytes;
  uint32_t bits = 0;
  int num_bits = 0;
  for (const char c : letters) {
    int value = -1;
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
    if (c >= '0' && c <= '9') value = c - '0' + 52;
    if (c == '+') value = 62;
    if (c == '/') value = 63;
    if (c == '=') break;
    BRAID_CHECK(value >= 0, format, "{}: \"precompiled_charsmap\": expected base64, got '{}'",
                where, c);
    bits = bits << 6 | static_cast<uint32_t>(value);
    num_bits += 6;
    if (num_bits < 8) continue;
    num_bits -= 8;
    bytes.push_back(static_cast<char>(bits >> num_bits & 0xFF));
  }
  return bytes;
}

/// Source   SentencePiece, normalizer.cc; Hugging Face tokenizers, normalizers/precompiled. The
///          shortest rule wins, and a cluster of letters (UAX 29) whose beginning has a rule goes
///          as a whole: so has the reference.
class Charsmap : public Normalizer {
 public:
  explicit Charsmap(Fields& fields) {
    const std::string blob = from_base64(fields.text("precompiled_charsmap"), fields.where());
    const auto number_at = [&blob](size_t at) {
      uint32_t number = 0;
      for (size_t i = 4; i > 0; --i) number = number << 8 | static_cast<uint8_t>(blob[at + i - 1]);
      return number;
    };
    const size_t trie_bytes = blob.size() >= 4 ? number_at(0) : 0;
    BRAID_CHECK(blob.size() >= 4 && trie_bytes % 4 == 0 && trie_bytes <= blob.size() - 4, format,
                "{}: \"precompiled_charsmap\": expected the size of a trie and the trie, got {} "
                "bytes; is the file complete?",
                fields.where(), blob.size());
    for (size_t at = 4; at < 4 + trie_bytes; at += 4) units_.push_back(number_at(at));
    texts_ = blob.substr(4 + trie_bytes);
    BRAID_CHECK(is_repaired(), format,
                "{}: \"precompiled_charsmap\": expected texts in UTF-8, got other bytes",
                fields.where());
    for (size_t c = 0; c < ascii_changes_.size(); ++c) {
      const char letter = static_cast<char>(c);
      ascii_changes_[c] = find(std::string_view(&letter, 1)) != nullptr;
    }
  }

  void apply(AlignedText& aligned) const override {
    const std::string_view text = aligned.text;
    std::vector<Change> changes;
    changes.reserve(text.size());
    bool is_modified = false;
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = grapheme_end(text, begin);
      is_modified = rewrite(text.substr(begin, end - begin), changes) || is_modified;
      begin = end;
    }
    if (!is_modified) return;
    AlignedText changed;
    changed.text.reserve(text.size());
    changed.sources.reserve(text.size());
    Rewriter out(aligned, 0, text.size(), changed);
    for (const Change& change : changes) out.put(change.code_point, change.change);
    std::swap(aligned, changed);
  }

 private:
  struct Change {
    int32_t code_point;
    int change;
  };

  bool is_repaired() const { return repaired_utf8(texts_) == texts_; }

  static size_t grapheme_end(std::string_view text, size_t begin) {
    size_t at = begin;
    utf8proc_int32_t state = 0;
    int32_t last = step_code_point(text, at);
    while (at < text.size()) {
      // Between ASCII letters there always is a break, but for a line's end in two.
      if (last < 0x80 && static_cast<uint8_t>(text[at]) < 0x80 && last != '\r') break;
      size_t behind = at;
      const int32_t next = step_code_point(text, behind);
      if (utf8proc_grapheme_break_stateful(last, next, &state)) break;
      last = next;
      at = behind;
    }
    return at;
  }

  /// Appends what becomes of one grapheme; true where a rule was found.
  bool rewrite(std::string_view grapheme, std::vector<Change>& changes) const {
    if (grapheme.size() == 1 && static_cast<uint8_t>(grapheme[0]) < 0x80 &&
        !ascii_changes_[static_cast<uint8_t>(grapheme[0])]) {
      changes.push_back({grapheme[0], 0});
      return false;
    }
    if (grapheme.size() < kMaxGrapheme_bytes && replace(grapheme, changes)) return true;
    bool is_modified = false;
    for (size_t at = 0; at < grapheme.size();) {
      const size_t begin = at;
      const int32_t code_point = step_code_point(grapheme, at);
      if (replace(grapheme.substr(begin, at - begin), changes))
        is_modified = true;
      else
        changes.push_back({code_point, 0});
    }
    return is_modified;
  }

  bool replace(std::string_view letters, std::vector<Change>& changes) const {
    const char* by = find(letters);
    if (by == nullptr) return false;
    int num_old = 0, num_new = 0;
    for (size_t at = 0; at < letters.size(); ++num_old) step_code_point(letters, at);
    const std::string_view text(by);
    for (size_t at = 0; at < text.size(); ++num_new)
      changes.push_back({step_code_point(text, at), 0});
    for (int i = num_old; i < num_new; ++i)
      changes[changes.size() - static_cast<size_t>(num_new - i)].change = 1;
    // Where nothing stands before, what is removed is not counted: so has the reference.
    if (num_new < num_old && !changes.empty()) changes.back().change += num_new - num_old;
    return true;
  }

  /// The text of the shortest rule that `letters` begin with, or nullptr.
  const char* find(std::string_view letters) const {
    if (units_.empty()) return nullptr;
    const auto offset_of = [](uint32_t unit) { return (unit >> 10) << ((unit & (1u << 9)) >> 6); };
    size_t node = offset_of(units_[0]);
    for (const char letter : letters) {
      const auto byte = static_cast<uint8_t>(letter);
      if (byte == 0) return nullptr;
      node ^= byte;
      if (node >= units_.size()) return nullptr;
      const uint32_t unit = units_[node];
      if ((unit & ((1u << 31) | 0xFF)) != byte) return nullptr;
      node ^= offset_of(unit);
      if ((unit >> 8 & 1) == 0) continue;
      if (node >= units_.size()) return nullptr;
      const size_t at = units_[node] & ((1u << 31) - 1);
      if (at >= texts_.size() || (texts_[at] & 0xC0) == 0x80) return nullptr;
      return texts_.c_str() + at;
    }
    return nullptr;
  }

  std::vector<uint32_t> units_;
  std::string texts_;  // each ended by a zero byte
  std::array<bool, 128> ascii_changes_{};
};

}  // namespace

std::unique_ptr<Normalizer> make_charsmap_normalizer(Fields& fields) {
  return std::make_unique<Charsmap>(fields);
}

}  // namespace braid::text
