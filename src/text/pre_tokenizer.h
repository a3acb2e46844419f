// The "pre_tokenizer" of a tokenizer.json: cuts text into the words that the model sees.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "text/aligned_text.h"
#include "text/json_fields.h"
#include "text/pattern.h"

namespace braid::text {

/// A stretch of the text: a word, or an added token, which nothing cuts or changes.
struct Piece {
  uint32_t begin = 0, end = 0;
  int32_t added_id = -1;  // -1: a word
};

struct PreTokenized {
  AlignedText aligned;
  std::vector<Piece> pieces;  // in order; none is empty
  std::string_view text_of(const Piece& piece) const {
    return std::string_view(aligned.text).substr(piece.begin, piece.end - piece.begin);
  }
};

/// Const members may be called by many threads at once.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void apply(PreTokenized& text) const = 0;
};

/// nullptr where `value` is null. Errors   format: names `where` and the types that are known.
std::unique_ptr<PreTokenizer> make_pre_tokenizer(const PlainJson& value, const std::string& where);

std::unique_ptr<PreTokenizer> make_metaspace(Fields& fields);
std::unique_ptr<PreTokenizer> make_byte_level(Fields& fields);

/// What becomes of the matches that words are cut at.
enum class Behavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

/// Appends the pieces that matches (all of one word) cut it into, without empty ones.
void cut(const std::vector<Match>& matches, Behavior behavior, std::vector<Piece>& pieces);

/// Cuts every word of `text`: find(word, offset, matches) appends matches, as Pattern::find() does.
template <class Find>
void cut_all(PreTokenized& text, Behavior behavior, const Find& find) {
  std::vector<Piece> pieces;
  pieces.reserve(text.pieces.size());
  std::vector<Match> matches;
  for (const Piece& piece : text.pieces) {
    if (piece.added_id >= 0) {
      pieces.push_back(piece);
      continue;
    }
    matches.clear();
    find(text.text_of(piece), piece.begin, matches);
    cut(matches, behavior, pieces);
  }
  text.pieces.swap(pieces);
}

/// Writes every word anew: rewrite(piece, to) appends the piece's new text to `to`.
template <class Rewrite>
void rewrite_all(PreTokenized& text, const Rewrite& rewrite) {
  AlignedText to;
  to.text.reserve(text.aligned.size() + text.aligned.size() / 4);
  to.sources.reserve(text.aligned.size() + text.aligned.size() / 4);
  for (Piece& piece : text.pieces) {
    const auto begin = static_cast<uint32_t>(to.size());
    if (piece.added_id >= 0)
      to.append(text.aligned, piece.begin, piece.end);
    else
      rewrite(piece, to);
    piece.begin = begin;
    piece.end = static_cast<uint32_t>(to.size());
  }
  std::swap(text.aligned, to);
}

/// The fields of Metaspace, whose older and newer words say the same.
struct Metaspace {
  enum class Prepend { first, never, always };
  std::string replacement;  // one letter
  Prepend prepend = Prepend::always;
  bool splits = true;
  explicit Metaspace(Fields& fields);
};

}  // namespace braid::text
