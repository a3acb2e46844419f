#include "text/added_tokens.h"

#include <algorithm>

#include "core/error.h"
#include "text/code_points.h"

namespace braid::text {
namespace {

constexpr size_t kMaxToken_bytes = 4096;

/// Start of the code point that ends at `end`, which is above 0.
size_t previous_start(std::string_view text, size_t end) {
  size_t at = end - 1;
  while (at > 0 && (text[at] & 0xC0) == 0x80) --at;
  return at;
}

bool ends_with_word(std::string_view text) {
  if (text.empty()) return false;
  size_t at = previous_start(text, text.size());
  return is_word_letter(step_code_point(text, at));
}

bool starts_with_word(std::string_view text) {
  size_t at = 0;
  return !text.empty() && is_word_letter(step_code_point(text, at));
}

/// Where the white space before `end` begins.
size_t space_begin(std::string_view text, size_t end, size_t at_least) {
  while (end > at_least) {
    size_t at = previous_start(text, end);
    const size_t begin = at;
    if (!is_white_space(step_code_point(text, at))) break;
    end = begin;
  }
  return std::max(end, at_least);
}

/// Where the white space from `begin` on ends.
size_t space_end(std::string_view text, size_t begin) {
  while (begin < text.size()) {
    size_t at = begin;
    if (!is_white_space(step_code_point(text, at))) break;
    begin = at;
  }
  return begin;
}

}  // namespace

void AddedTokens::Finder::add(std::string_view content, size_t position) {
  if (content.empty()) return;
  size_t num_bytes = 0;
  const bool is_known = trie.longest(content, &num_bytes) >= 0 && num_bytes == content.size();
  if (is_known) return;  // the first of equal ones counts
  trie.add(content, static_cast<int32_t>(position));
  begins[static_cast<uint8_t>(content[0])] = true;
  is_empty = false;
}

AddedTokens::AddedTokens(const PlainJson* list, const std::string& where,
                         const Vocabulary& vocabulary, const Normalizer* normalizer) {
  if (list != nullptr)
    for (const PlainJson& value : as_list(*list, where)) read(value, where, vocabulary);
  build(normalizer);
}

/// Source   Hugging Face tokenizers, AddedVocabulary::add_tokens.
int32_t AddedTokens::expected_id(const std::string& content, const Vocabulary& vocabulary) const {
  const auto added = by_content_.find(content);
  if (added != by_content_.end()) return list_[added->second].id;
  const int32_t id = vocabulary.find(content);
  if (id >= 0) return id;
  return static_cast<int32_t>(std::max(size_, vocabulary.num_tokens()));
}

void AddedTokens::read(const PlainJson& value, const std::string& where,
                       const Vocabulary& vocabulary) {
  Fields fields(value, where);
  AddedToken token;
  token.content = fields.text("content");
  token.id = static_cast<int32_t>(fields.number("id"));
  token.is_single_word = fields.flag_or("single_word", false);
  token.takes_left_space = fields.flag_or("lstrip", false);
  token.takes_right_space = fields.flag_or("rstrip", false);
  token.is_special = fields.flag_or("special", false);
  token.is_normalized = fields.flag_or("normalized", !token.is_special);
  fields.done();
  if (token.content.empty()) return;
  BRAID_CHECK(token.content.size() <= kMaxToken_bytes, format,
              "{}: token {}: expected at most {} bytes, got {}", where, token.id, kMaxToken_bytes,
              token.content.size());
  const int32_t expected = expected_id(token.content, vocabulary);
  BRAID_CHECK(
      token.id == expected, format,
      "{}: token '{}': expected the id {}, its own in the vocabulary or the next behind it, "
      "got {}; the list and the vocabulary do not belong together",
      where, token.content, expected, token.id);
  size_ = std::max(size_, int64_t{token.id} + 1);
  const auto [at, is_new] = by_content_.emplace(token.content, list_.size());
  by_id_[token.id] = at->second;
  if (is_new)
    list_.push_back(std::move(token));
  else
    list_[at->second] = std::move(token);
}

void AddedTokens::build(const Normalizer* normalizer) {
  // Of equal contents the special one is found; both lists keep the file's order.
  for (const bool is_special : {true, false}) {
    for (size_t i = 0; i < list_.size(); ++i) {
      const AddedToken& token = list_[i];
      if (token.is_special != is_special) continue;
      if (!token.is_normalized) {
        raw_.add(token.content, i);
        continue;
      }
      AlignedText content = align(token.content);
      if (normalizer != nullptr) normalizer->apply(content);
      normalized_.add(content.text, i);
    }
  }
}

void AddedTokens::find_in(std::string_view text, const Finder& finder,
                          std::vector<Piece>& pieces) const {
  const auto put = [&pieces](size_t begin, size_t end, int32_t id) {
    if (end > begin)
      pieces.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end), id});
  };
  size_t behind = 0;
  for (size_t at = 0; !finder.is_empty && at < text.size();) {
    size_t num_bytes = 0;
    const int32_t position = finder.begins[static_cast<uint8_t>(text[at])]
                                 ? finder.trie.longest(text.substr(at), &num_bytes)
                                 : -1;
    if (position < 0) {
      ++at;
      continue;
    }
    const AddedToken& token = list_[static_cast<size_t>(position)];
    size_t begin = at, end = at + num_bytes;
    at = end;
    if (token.is_single_word &&
        (ends_with_word(text.substr(0, begin)) || starts_with_word(text.substr(end))))
      continue;
    if (token.takes_left_space) begin = space_begin(text, begin, std::min(begin, behind));
    if (token.takes_right_space) end = space_end(text, end);
    if (begin > behind) put(behind, begin, -1);
    put(begin, end, token.id);
    behind = end;
  }
  if (behind < text.size()) put(behind, text.size(), -1);
}

PreTokenized AddedTokens::extract(AlignedText aligned, const Normalizer* normalizer) const {
  PreTokenized text;
  std::vector<Piece> raw;
  find_in(aligned.text, raw_, raw);
  if (normalizer == nullptr) {
    text.aligned = std::move(aligned);
    if (normalized_.is_empty) {
      text.pieces = std::move(raw);
      return text;
    }
    for (const Piece& piece : raw) {
      if (piece.added_id >= 0) {
        text.pieces.push_back(piece);
        continue;
      }
      const size_t first = text.pieces.size();
      find_in(text.text_of(piece), normalized_, text.pieces);
      for (size_t i = first; i < text.pieces.size(); ++i) {
        text.pieces[i].begin += piece.begin;
        text.pieces[i].end += piece.begin;
      }
    }
    return text;
  }
  for (const Piece& piece : raw) {
    const auto offset = static_cast<uint32_t>(text.aligned.size());
    if (piece.added_id >= 0) {
      text.aligned.append(aligned, piece.begin, piece.end);
      text.pieces.push_back({offset, static_cast<uint32_t>(text.aligned.size()), piece.added_id});
      continue;
    }
    AlignedText part;
    const bool is_all = raw.size() == 1;
    if (is_all)
      std::swap(part, aligned);
    else
      part.append(aligned, piece.begin, piece.end);
    normalizer->apply(part);
    const size_t first = text.pieces.size();
    find_in(part.text, normalized_, text.pieces);
    for (size_t i = first; i < text.pieces.size(); ++i) {
      text.pieces[i].begin += offset;
      text.pieces[i].end += offset;
    }
    if (is_all)
      std::swap(text.aligned, part);
    else
      text.aligned.append(part, 0, part.size());
  }
  return text;
}

const AddedToken* AddedTokens::by_id(int32_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &list_[found->second];
}

int32_t AddedTokens::find(const std::string& content) const {
  const auto found = by_content_.find(content);
  return found == by_content_.end() ? -1 : list_[found->second].id;
}

bool AddedTokens::is_special(const std::string& content) const {
  const auto found = by_content_.find(content);
  return found != by_content_.end() && list_[found->second].is_special;
}

}  // namespace braid::text
