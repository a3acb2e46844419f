// The "decoder" of a tokenizer.json: tokens back to text.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "text/json_fields.h"

namespace braid::text {

/// Const members may be called by many threads at once.
class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Changes tokens into the texts whose concatenation is the text.
  virtual void apply(std::vector<std::string>& tokens) const = 0;
};

/// nullptr where `value` is null. Errors   format: names `where` and the types that are known.
std::unique_ptr<Decoder> make_decoder(const PlainJson& value, const std::string& where);

}  // namespace braid::text
