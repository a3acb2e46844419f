#include "text/post_processor.h"

#include <algorithm>

#include "core/error.h"
#include "text/code_points.h"
#include "text/normalizer.h"

namespace braid::text {
namespace {

TemplatePiece text_piece(int text, int32_t type_id) { return {text, {}, type_id}; }
TemplatePiece special_piece(int32_t id, int32_t type_id) { return {-1, {id}, type_id}; }

/// {"[CLS]": {"id": "[CLS]", "ids": [101], "tokens": ["[CLS]"]}, ...}
std::vector<int32_t> special_ids(const PlainJson& specials, const std::string& name,
                                 const std::string& where) {
  BRAID_CHECK(specials.is_object() && specials.contains(name), format,
              "{}: \"special_tokens\": expected the token '{}' of the template, got none", where,
              name);
  Fields fields(specials.at(name), where + ": \"special_tokens\": '" + name + "'");
  fields.text("id");
  as_list(fields.need("tokens"), fields.where());
  std::vector<int32_t> ids;
  for (const PlainJson& id : as_list(fields.need("ids"), fields.where())) {
    const bool is_id = id.is_number_unsigned() && id.get<uint64_t>() <= INT32_MAX;
    BRAID_CHECK(is_id, format, "{}: \"ids\": expected ids of tokens, got {}", fields.where(),
                id.type_name());
    ids.push_back(static_cast<int32_t>(id.get<uint64_t>()));
  }
  fields.done();
  return ids;
}

std::vector<TemplatePiece> read_pieces(const PlainJson& list, const PlainJson& specials,
                                       const std::string& where) {
  std::vector<TemplatePiece> pieces;
  for (const PlainJson& item : as_list(list, where)) {
    Fields fields(item, where);
    const bool is_text = fields.find("Sequence") != nullptr;
    Fields piece(fields.need(is_text ? "Sequence" : "SpecialToken"), where);
    fields.find("SpecialToken");
    fields.done();
    const std::string id = piece.text("id");
    TemplatePiece made;
    made.type_id = static_cast<int32_t>(piece.number("type_id"));
    piece.done();
    if (is_text) {
      BRAID_CHECK(id == "A" || id == "B", format, "{}: text: expected A or B, got '{}'", where, id);
      made.text = id == "A" ? 0 : 1;
    } else {
      made.ids = special_ids(specials, id, where);
    }
    pieces.push_back(std::move(made));
  }
  return pieces;
}

/// ["[SEP]", 102]
int32_t read_token(Fields& fields, const char* key) {
  const PlainJson& pair = fields.need(key);
  const bool is_pair = pair.is_array() && pair.size() == 2 && pair[0].is_string() &&
                       pair[1].is_number_unsigned() && pair[1].get<uint64_t>() <= INT32_MAX;
  BRAID_CHECK(is_pair, format, "{}: \"{}\": expected [token, id], got something else",
              fields.where(), key);
  return static_cast<int32_t>(pair[1].get<uint64_t>());
}

/// Moves `at` over so many letters of `text`, at most to `end`.
uint32_t forward(std::string_view text, uint32_t at, uint32_t end, uint16_t num_letters) {
  for (; num_letters > 0 && at < end; --num_letters) {
    size_t length = 1;
    next_or_replacement(text.substr(at, 4), length);
    at += static_cast<uint32_t>(length);
  }
  return std::min(at, end);
}

uint32_t backward(std::string_view text, uint32_t begin, uint32_t at, uint16_t num_letters) {
  for (; num_letters > 0 && at > begin; --num_letters) {
    --at;
    while (at > begin && (text[at] & 0xC0) == 0x80) --at;
  }
  return at;
}

}  // namespace

PostProcessor::PostProcessor()
    : single_{text_piece(0, 0)}, pair_{text_piece(0, 0), text_piece(1, 1)} {}

PostProcessor::PostProcessor(const PlainJson& value, const std::string& where) : PostProcessor() {
  if (!value.is_null()) read(value, where, 0);
}

void PostProcessor::read(const PlainJson& value, const std::string& where, int depth) {
  Fields fields(value, where);
  const std::string type = fields.text("type");
  if (type == "TemplateProcessing") {
    read_template(fields);
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    read_fixed(fields, type == "RobertaProcessing");
  } else if (type == "ByteLevel") {
    const bool prepends_space = fields.flag_or("add_prefix_space", true);
    set_trim(where, fields.flag_or("trim_offsets", true), prepends_space);
    fields.find("use_regex");  // the pre-tokenizer's
  } else if (type == "Sequence") {
    BRAID_CHECK(depth < kMaxNesting, format, "{}: expected at most {} sequences in each other",
                where, kMaxNesting);
    const std::string inside = where + ": \"processors\"";
    for (const PlainJson& part : as_list(fields.need("processors"), inside))
      read(part, inside, depth + 1);
  } else {
    unknown_type(
        where, "post-processor", type,
        {"TemplateProcessing", "BertProcessing", "RobertaProcessing", "ByteLevel", "Sequence"});
  }
  fields.done();
}

void PostProcessor::set_template(const std::string& where, std::vector<TemplatePiece> single,
                                 std::vector<TemplatePiece> pair) {
  BRAID_CHECK(!has_template_, format,
              "{}: expected one post-processor that adds special tokens, got two", where);
  single_ = std::move(single);
  pair_ = std::move(pair);
  has_template_ = true;
}

void PostProcessor::set_trim(const std::string& where, bool trims, bool prepends_space) {
  if (!trims) return;
  BRAID_CHECK(!trims_, format, "{}: expected one post-processor that trims offsets, got two",
              where);
  trims_ = true;
  prepends_space_ = prepends_space;
}

void PostProcessor::read_template(Fields& fields) {
  const PlainJson* listed = fields.find("special_tokens");
  const PlainJson specials = listed == nullptr ? PlainJson::object() : *listed;
  const auto single = read_pieces(fields.need("single"), specials, fields.where() + ": \"single\"");
  const auto pair = read_pieces(fields.need("pair"), specials, fields.where() + ": \"pair\"");
  const auto count = [](const std::vector<TemplatePiece>& pieces, int text) {
    return std::count_if(pieces.begin(), pieces.end(),
                         [text](const TemplatePiece& piece) { return piece.text == text; });
  };
  BRAID_CHECK(count(single, 0) == 1 && count(single, 1) == 0, format,
              "{}: \"single\": expected the text A once and no other", fields.where());
  BRAID_CHECK(count(pair, 0) == 1 && count(pair, 1) == 1, format,
              "{}: \"pair\": expected the texts A and B once each", fields.where());
  set_template(fields.where(), single, pair);
}

void PostProcessor::read_fixed(Fields& fields, bool is_roberta) {
  const int32_t begin = read_token(fields, "cls"), end = read_token(fields, "sep");
  std::vector<TemplatePiece> single = {special_piece(begin, 0), text_piece(0, 0),
                                       special_piece(end, 0)};
  std::vector<TemplatePiece> pair = single;
  if (is_roberta) pair.push_back(special_piece(end, 0));
  const int32_t second_type = is_roberta ? 0 : 1;
  pair.push_back(text_piece(1, second_type));
  pair.push_back(special_piece(end, second_type));
  set_template(fields.where(), std::move(single), std::move(pair));
  if (!is_roberta) return;
  const bool prepends_space = fields.flag_or("add_prefix_space", true);
  set_trim(fields.where(), fields.flag_or("trim_offsets", true), prepends_space);
}

/// Source   Hugging Face tokenizers, pre_tokenizers/byte_level, process_offsets.
void PostProcessor::trim(Part& part, std::string_view given) const {
  for (size_t i = 0; i < part.size(); ++i) {
    PartToken& token = part[i];
    uint16_t leading = token.leading_spaces;
    const bool is_first = i == 0 || token.begin == 0;
    if (is_first && prepends_space_ && leading == 1) leading = 0;  // the one that was put there
    token.begin = forward(given, token.begin, token.end, leading);
    token.end = backward(given, token.begin, token.end, token.trailing_spaces);
  }
}

Encoding PostProcessor::process(std::vector<Part>& parts,
                                const std::vector<std::string_view>& given,
                                bool adds_special_tokens) const {
  const std::vector<TemplatePiece>& pieces = parts.size() == 2 ? pair_ : single_;
  Encoding encoding;
  size_t size = 0;
  for (const TemplatePiece& piece : pieces)
    size += piece.text < 0 ? piece.ids.size() : parts[static_cast<size_t>(piece.text)].size();
  encoding.ids.reserve(size);
  encoding.type_ids.reserve(size);
  encoding.attention_mask.reserve(size);
  encoding.special_tokens_mask.reserve(size);
  encoding.offsets.reserve(size);
  for (const TemplatePiece& piece : pieces) {
    if (piece.text >= 0) {
      const auto text = static_cast<size_t>(piece.text);
      if (trims_) trim(parts[text], given[text]);
      for (const PartToken& token : parts[text])
        append_token(encoding, token.id, piece.type_id, false, token.begin, token.end);
    } else if (adds_special_tokens) {
      for (const int32_t id : piece.ids) append_token(encoding, id, piece.type_id, true, 0, 0);
    }
  }
  return encoding;
}

int64_t PostProcessor::num_special_tokens(bool is_pair) const {
  size_t num = 0;
  for (const TemplatePiece& piece : is_pair ? pair_ : single_) num += piece.ids.size();
  return static_cast<int64_t>(num);
}

}  // namespace braid::text
