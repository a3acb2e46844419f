#include "text/tokenizer.h"

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "core/file.h"
#include "text/added_tokens.h"
#include "text/byte_alphabet.h"
#include "text/code_points.h"
#include "text/decoder.h"
#include "text/legacy.h"
#include "text/length.h"
#include "text/normalizer.h"
#include "text/post_processor.h"
#include "text/pre_tokenizer.h"
#include "text/token_model.h"

namespace braid::text {
namespace {

struct Spaces {
  uint16_t leading = 0, trailing = 0;
};

/// White space at both ends of a token, that of the bytes' alphabet too.
Spaces spaces_of(std::string_view token) {
  const auto is_space = [](int32_t c) { return c == kSpaceLetter || is_white_space(c); };
  Spaces spaces;
  uint16_t run = 0;
  bool is_begin = true;
  for (size_t at = 0; at < token.size();) {
    const bool is_here = is_space(step_code_point(token, at));
    run = is_here ? static_cast<uint16_t>(std::min(run + 1, UINT16_MAX)) : uint16_t{0};
    is_begin = is_begin && is_here;
    if (is_begin) spaces.leading = run;
  }
  spaces.trailing = run;
  return spaces;
}

const PlainJson& value_of(const PlainJson* found) {
  static const PlainJson none;
  return found == nullptr ? none : *found;
}

/// A key of our own: what tokenizer_config.json says and tokenizer.json has no word for.
constexpr const char* kOwnKey = "braid";

std::string with_pad_token(const std::string& tokenizer_json, const std::string& pad_token) {
  const size_t open = tokenizer_json.find('{');
  const PlainJson own = {{"pad_token", pad_token}};
  return tokenizer_json.substr(0, open + 1) + "\"" + kOwnKey + "\":" + own.dump() + "," +
         tokenizer_json.substr(open + 1);
}

}  // namespace

struct Tokenizer::State {
  State(const std::string& tokenizer_json, const std::string& where);

  Part tokenize(std::string_view given) const;
  Encoding encode(const std::vector<std::string_view>& given, const EncodeOptions& options) const;
  const std::string* token(int32_t id) const;
  int32_t id_of(const std::string& token) const;

  std::string json;
  std::unique_ptr<Normalizer> normalizer;
  std::unique_ptr<PreTokenizer> pre_tokenizer;
  std::unique_ptr<TokenModel> model;
  std::unique_ptr<AddedTokens> added;
  PostProcessor post_processor;
  std::unique_ptr<Decoder> decoder;
  std::optional<Truncation> truncation;
  std::optional<Padding> padding;
  std::vector<Spaces> spaces;  // by id, where offsets are trimmed
  int32_t pad_id = -1;
  bool knows_pad = false;  // from the file, not by its name alone
};

Tokenizer::State::State(const std::string& tokenizer_json, const std::string& where)
    : json(tokenizer_json) {
  const PlainJson parsed = parse_plain_json(json, where);
  Fields fields(parsed, where);
  const auto inside = [&where](const char* key) { return where + ": \"" + key + "\""; };
  fields.text_or("version", "1.0");
  normalizer = make_normalizer(value_of(fields.find("normalizer")), inside("normalizer"));
  pre_tokenizer =
      make_pre_tokenizer(value_of(fields.find("pre_tokenizer")), inside("pre_tokenizer"));
  model = make_token_model(fields.need("model"), inside("model"));
  added = std::make_unique<AddedTokens>(fields.find("added_tokens"), inside("added_tokens"),
                                        model->vocabulary(), normalizer.get());
  post_processor = PostProcessor(value_of(fields.find("post_processor")), inside("post_processor"));
  decoder = make_decoder(value_of(fields.find("decoder")), inside("decoder"));
  if (const PlainJson* value = fields.find("truncation"))
    truncation = Truncation::read(*value, inside("truncation"));
  if (const PlainJson* value = fields.find("padding"))
    padding = Padding::read(*value, inside("padding"));
  std::string pad_token;
  if (const PlainJson* value = fields.find(kOwnKey)) {
    Fields own(*value, inside(kOwnKey));
    pad_token = own.text_or("pad_token", "");
    own.done();
  }
  fields.done();
  if (post_processor.trims_offsets()) {
    for (int32_t id = 0; id < model->vocabulary().size(); ++id) {
      const std::string* token = model->vocabulary().token(id);
      spaces.push_back(token == nullptr ? Spaces{} : spaces_of(*token));
    }
  }
  pad_id = padding ? padding->id : id_of(pad_token);
  knows_pad = pad_id >= 0;
  for (const char* name : {"[PAD]", "<pad>"})
    if (pad_id < 0) pad_id = id_of(name);
}

Part Tokenizer::State::tokenize(std::string_view given) const {
  PreTokenized text = added->extract(align(given), normalizer.get());
  if (pre_tokenizer != nullptr) pre_tokenizer->apply(text);
  Part part;
  part.reserve(text.aligned.size() / 4 + 2);
  std::vector<WordToken> tokens;
  for (const Piece& piece : text.pieces) {
    const std::string_view word = text.text_of(piece);
    if (piece.added_id >= 0) {
      const Source source = text.aligned.source_of(piece.begin, piece.end);
      const Spaces around = spaces.empty() ? Spaces{} : spaces_of(word);
      part.push_back({piece.added_id, source.begin, source.end, around.leading, around.trailing});
      continue;
    }
    tokens.clear();
    model->tokenize(word, tokens);
    const auto size = static_cast<uint32_t>(word.size());
    for (const WordToken& token : tokens) {
      // The letters of a suffix, written as bytes, lie behind the word.
      const uint32_t begin = std::min(token.begin, size - 1), end = std::min(token.end, size);
      const Source source =
          text.aligned.source_of(piece.begin + begin, piece.begin + std::max(end, begin + 1));
      const Spaces around = spaces.empty() ? Spaces{} : spaces[static_cast<size_t>(token.id)];
      part.push_back({token.id, source.begin, source.end, around.leading, around.trailing});
    }
  }
  return part;
}

Encoding Tokenizer::State::encode(const std::vector<std::string_view>& given,
                                  const EncodeOptions& options) const {
  BRAID_CHECK(options.max_length >= 0, usage,
              "encode: max_length: expected 0 (as the file says) or more, got {}",
              options.max_length);
  std::vector<Part> parts;
  for (const std::string_view text : given) parts.push_back(tokenize(text));
  if (truncation || options.max_length > 0) {
    Truncation cutting = truncation.value_or(Truncation{});
    if (options.max_length > 0) {
      cutting.max_length = options.max_length;
      cutting.strategy = Truncation::Strategy::longest_first;
    }
    const int64_t num_special =
        options.adds_special_tokens ? post_processor.num_special_tokens(given.size() == 2) : 0;
    BRAID_CHECK(cutting.max_length >= num_special, usage,
                "encode: max_length: expected room for {} special tokens, got {}", num_special,
                cutting.max_length);
    cutting.apply(parts, cutting.max_length - num_special);
  }
  Encoding encoding = post_processor.process(parts, given, options.adds_special_tokens);
  if (padding && options.pads) padding->apply(encoding);
  return encoding;
}

const std::string* Tokenizer::State::token(int32_t id) const {
  const AddedToken* token = added->by_id(id);
  return token != nullptr ? &token->content : model->vocabulary().token(id);
}

int32_t Tokenizer::State::id_of(const std::string& token) const {
  const int32_t id = added->find(token);
  return id >= 0 ? id : model->vocabulary().find(token);
}

Tokenizer Tokenizer::parse(const std::string& tokenizer_json, const std::string& where) {
  return Tokenizer(std::make_shared<const State>(tokenizer_json, where));
}

Tokenizer Tokenizer::read(const std::string& folder) {
  const std::string file = join_path(folder, "tokenizer.json");
  const bool is_whole = file_exists(file);
  const std::string json = is_whole ? read_file(file) : tokenizer_json_of(folder);
  const std::string where = is_whole ? file : folder;
  auto state = std::make_shared<const State>(json, where);
  const std::string pad_token = configured_pad_token(folder);
  const bool is_news = !state->knows_pad && !pad_token.empty() && state->id_of(pad_token) >= 0;
  if (!is_news) return Tokenizer(std::move(state));
  return parse(with_pad_token(json, pad_token), where);
}

Encoding Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  return state_->encode({text}, options);
}

Encoding Tokenizer::encode_pair(std::string_view first, std::string_view second,
                                const EncodeOptions& options) const {
  return state_->encode({first, second}, options);
}

std::string Tokenizer::decode(const std::vector<int32_t>& ids, bool skips_special_tokens) const {
  std::vector<std::string> tokens;
  for (const int32_t id : ids) {
    const std::string* token = state_->token(id);
    if (token == nullptr) continue;
    if (skips_special_tokens && state_->added->is_special(*token)) continue;
    tokens.push_back(*token);
  }
  std::string text;
  if (state_->decoder != nullptr) {
    state_->decoder->apply(tokens);
    for (const std::string& token : tokens) text += token;
    return text;
  }
  for (size_t i = 0; i < tokens.size(); ++i) text += (i > 0 ? " " : "") + tokens[i];
  return text;
}

int64_t Tokenizer::vocabulary_size() const {
  return std::max(state_->added->size(), state_->model->vocabulary().size());
}

int32_t Tokenizer::id_of(const std::string& token) const { return state_->id_of(token); }

const std::string& Tokenizer::token(int32_t id) const {
  const std::string* token = state_->token(id);
  BRAID_CHECK(token != nullptr, data,
              "token id: expected one below {} that has a token, got {}; is this another "
              "vocabulary's id?",
              vocabulary_size(), id);
  return *token;
}

int32_t Tokenizer::pad_id() const { return state_->pad_id; }

const std::string& Tokenizer::serialize() const { return state_->json; }

}  // namespace braid::text
