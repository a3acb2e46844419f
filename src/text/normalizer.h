// The "normalizer" of a tokenizer.json: makes text uniform before it is cut.
#pragma once
#include <memory>
#include <string>

#include "text/aligned_text.h"
#include "text/json_fields.h"

namespace braid::text {

/// Const members may be called by many threads at once.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void apply(AlignedText& aligned) const = 0;
};

/// nullptr where `value` is null. Errors   format: names `where` and the types that are known.
std::unique_ptr<Normalizer> make_normalizer(const PlainJson& value, const std::string& where);

/// SentencePiece's compiled rules, "Precompiled".
std::unique_ptr<Normalizer> make_charsmap_normalizer(Fields& fields);

/// Writes every byte as its letter; see byte_alphabet.h. Appends [begin, end) of `from` to `to`.
void write_bytes_as_letters(const AlignedText& from, size_t begin, size_t end, AlignedText& to);

/// How deep sequences inside of sequences may go in a file.
constexpr int kMaxNesting = 16;

}  // namespace braid::text
