// What cuts a word into tokens of a vocabulary: WordPiece, BPE or Unigram.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/json_fields.h"
#include "text/vocabulary.h"

namespace braid::text {

/// A token and the bytes [begin, end) of the word that it stands for.
struct WordToken {
  int32_t id;
  uint32_t begin, end;
};

/// Const members may be called by many threads at once.
class TokenModel {
 public:
  virtual ~TokenModel() = default;
  /// Appends the tokens of `word`, well-formed UTF-8, not empty.
  /// Errors   data: a word that cannot be written, in a vocabulary without an unknown token.
  virtual void tokenize(std::string_view word, std::vector<WordToken>& tokens) const = 0;
  const Vocabulary& vocabulary() const { return vocabulary_; }

 protected:
  Vocabulary vocabulary_;
};

/// The "model" of a tokenizer.json. Errors   format: names `where` and what is known.
std::unique_ptr<TokenModel> make_token_model(const PlainJson& model, const std::string& where);

std::unique_ptr<TokenModel> make_wordpiece(Fields& fields);
std::unique_ptr<TokenModel> make_bpe(Fields& fields);
std::unique_ptr<TokenModel> make_unigram(Fields& fields);

/// Reads {"token": id, ...} into `vocabulary`.
void read_vocabulary(Fields& fields, Vocabulary& vocabulary);
/// "<0x41>": how vocabularies write a byte.
std::string byte_token(uint8_t byte);
/// Ids of all 256 byte tokens, -1 where one is absent.
std::vector<int32_t> byte_ids(const Vocabulary& vocabulary);

}  // namespace braid::text
