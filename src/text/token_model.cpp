#include "text/token_model.h"

#include <fmt/format.h>

#include "core/error.h"

namespace braid::text {
namespace {

/// Older files do not say what they hold.
std::string type_of(Fields& fields) {
  if (fields.find("type") != nullptr) return fields.text("type");
  if (fields.find("merges") != nullptr) return "BPE";
  return fields.need("vocab").is_array() ? "Unigram" : "WordPiece";
}

}  // namespace

std::unique_ptr<TokenModel> make_token_model(const PlainJson& model, const std::string& where) {
  Fields fields(model, where);
  const std::string type = type_of(fields);
  std::unique_ptr<TokenModel> made;
  if (type == "WordPiece")
    made = make_wordpiece(fields);
  else if (type == "BPE")
    made = make_bpe(fields);
  else if (type == "Unigram")
    made = make_unigram(fields);
  else
    unknown_type(where, "model", type, {"WordPiece", "BPE", "Unigram"});
  fields.done();
  return made;
}

void read_vocabulary(Fields& fields, Vocabulary& vocabulary) {
  const PlainJson& vocab = fields.need("vocab");
  const std::string where = fields.where() + ": \"vocab\"";
  BRAID_CHECK(vocab.is_object(), format, "{}: expected an object of tokens and ids, got {}", where,
              vocab.type_name());
  for (const auto& [token, id] : vocab.items()) {
    BRAID_CHECK(id.is_number_integer(), format, "{}: '{}': expected a whole number, got {}", where,
                token, id.type_name());
    vocabulary.add(token, id.get<int64_t>(), where);
  }
}

std::string byte_token(uint8_t byte) { return fmt::format("<0x{:02X}>", byte); }

std::vector<int32_t> byte_ids(const Vocabulary& vocabulary) {
  std::vector<int32_t> ids(256);
  for (size_t byte = 0; byte < ids.size(); ++byte)
    ids[byte] = vocabulary.find(byte_token(static_cast<uint8_t>(byte)));
  return ids;
}

}  // namespace braid::text
