#include "text/decoder.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "text/byte_alphabet.h"
#include "text/code_points.h"
#include "text/normalizer.h"
#include "text/pattern.h"
#include "text/pre_tokenizer.h"

namespace braid::text {
namespace {

bool begins_with(const std::string& text, const std::string& with) {
  return text.compare(0, with.size(), with) == 0;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  if (from.empty()) return;
  std::string out;
  size_t behind = 0;
  for (size_t at; (at = text.find(from, behind)) != std::string::npos; behind = at + from.size())
    out.append(text, behind, at - behind).append(to);
  if (behind == 0) return;
  text = out.append(text, behind, std::string::npos);
}

/// Takes back the spaces that English does not have, in the reference's order.
void clean_up(std::string& token) {
  static constexpr std::array<std::array<const char*, 2>, 11> kChanges = {{{" .", "."},
                                                                           {" ?", "?"},
                                                                           {" !", "!"},
                                                                           {" ,", ","},
                                                                           {" ' ", "'"},
                                                                           {" n't", "n't"},
                                                                           {" 'm", "'m"},
                                                                           {" do not", " don't"},
                                                                           {" 's", "'s"},
                                                                           {" 've", "'ve"},
                                                                           {" 're", "'re"}}};
  for (const auto& [from, to] : kChanges) replace_all(token, from, to);
}

class WordPieceDecoder : public Decoder {
 public:
  explicit WordPieceDecoder(Fields& fields)
      : prefix_(fields.text_or("prefix", "##")), cleans_(fields.flag_or("cleanup", true)) {}

  void apply(std::vector<std::string>& tokens) const override {
    for (size_t i = 0; i < tokens.size(); ++i) {
      std::string& token = tokens[i];
      if (i > 0 && begins_with(token, prefix_))
        token.erase(0, prefix_.size());
      else if (i > 0)
        token.insert(0, " ");
      if (cleans_) clean_up(token);
    }
  }

 private:
  std::string prefix_;
  bool cleans_;
};

class ByteLevelDecoder : public Decoder {
 public:
  explicit ByteLevelDecoder(Fields& fields) {
    for (const char* key : {"add_prefix_space", "trim_offsets", "use_regex"}) fields.find(key);
  }

  void apply(std::vector<std::string>& tokens) const override {
    std::string bytes;
    for (const std::string& token : tokens) {
      const size_t size = bytes.size();
      for (size_t at = 0; at < token.size();) {
        const int32_t byte = byte_of_letter(step_code_point(token, at));
        if (byte < 0) {  // a token of plain text
          bytes.resize(size);
          bytes += token;
          break;
        }
        bytes.push_back(static_cast<char>(byte));
      }
    }
    tokens.assign(1, repaired_utf8(bytes));
  }
};

class MetaspaceDecoder : public Decoder {
 public:
  explicit MetaspaceDecoder(Fields& fields) : config_(fields) {}

  void apply(std::vector<std::string>& tokens) const override {
    const bool drops_first = config_.prepend != Metaspace::Prepend::never;
    for (size_t i = 0; i < tokens.size(); ++i)
      replace_all(tokens[i], config_.replacement, i == 0 && drops_first ? "" : " ");
  }

 private:
  Metaspace config_;
};

class BpeDecoder : public Decoder {
 public:
  explicit BpeDecoder(Fields& fields) : suffix_(fields.text_or("suffix", "</w>")) {}

  void apply(std::vector<std::string>& tokens) const override {
    for (size_t i = 0; i < tokens.size(); ++i)
      replace_all(tokens[i], suffix_, i + 1 == tokens.size() ? "" : " ");
  }

 private:
  std::string suffix_;
};

/// "<0xE4>" and its neighbours to the letters that their bytes are; each byte of what is no UTF-8
/// to U+FFFD.
class ByteFallbackDecoder : public Decoder {
 public:
  void apply(std::vector<std::string>& tokens) const override {
    std::vector<std::string> out;
    std::string bytes;
    const auto flush = [&] {
      if (bytes.empty()) return;
      if (repaired_utf8(bytes) == bytes)
        out.push_back(bytes);
      else
        out.insert(out.end(), bytes.size(), "\xEF\xBF\xBD");
      bytes.clear();
    };
    for (std::string& token : tokens) {
      const int byte = byte_of(token);
      if (byte >= 0) {
        bytes.push_back(static_cast<char>(byte));
        continue;
      }
      flush();
      out.push_back(std::move(token));
    }
    flush();
    tokens.swap(out);
  }

 private:
  static int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }
  static int byte_of(const std::string& token) {
    if (token.size() != 6 || !begins_with(token, "<0x") || token[5] != '>') return -1;
    const int high = digit_of(token[3]), low = digit_of(token[4]);
    return high < 0 || low < 0 ? -1 : 16 * high + low;
  }
};

class FuseDecoder : public Decoder {
 public:
  void apply(std::vector<std::string>& tokens) const override {
    std::string all;
    for (const std::string& token : tokens) all += token;
    tokens.assign(1, std::move(all));
  }
};

class StripDecoder : public Decoder {
 public:
  explicit StripDecoder(Fields& fields) {
    append_utf8(fields.letter("content"), letter_);
    num_left_ = fields.number("start");
    num_right_ = fields.number("stop");
  }

  void apply(std::vector<std::string>& tokens) const override {
    const size_t size = letter_.size();
    for (std::string& token : tokens) {
      size_t begin = 0, end = token.size();
      for (int64_t i = 0; i < num_left_ && token.compare(begin, size, letter_) == 0; ++i)
        begin += size;
      for (int64_t i = 0;
           i < num_right_ && end >= begin + size && token.compare(end - size, size, letter_) == 0;
           ++i)
        end -= size;
      token = token.substr(begin, end - begin);
    }
  }

 private:
  std::string letter_;
  int64_t num_left_ = 0, num_right_ = 0;
};

class ReplaceDecoder : public Decoder {
 public:
  explicit ReplaceDecoder(Fields& fields)
      : pattern_(Pattern::parse(fields.need("pattern"), fields.where() + ": \"pattern\"")),
        content_(fields.text("content")) {}

  void apply(std::vector<std::string>& tokens) const override {
    for (std::string& token : tokens) token = pattern_.replace(token, content_);
  }

 private:
  Pattern pattern_;
  std::string content_;
};

class Sequence : public Decoder {
 public:
  explicit Sequence(std::vector<std::unique_ptr<Decoder>> parts) : parts_(std::move(parts)) {}
  void apply(std::vector<std::string>& tokens) const override {
    for (const auto& part : parts_) part->apply(tokens);
  }

 private:
  std::vector<std::unique_ptr<Decoder>> parts_;
};

std::unique_ptr<Decoder> make(const PlainJson& value, const std::string& where, int depth);

std::unique_ptr<Decoder> make_sequence(Fields& fields, int depth) {
  BRAID_CHECK(depth < kMaxNesting, format, "{}: expected at most {} sequences in each other",
              fields.where(), kMaxNesting);
  std::vector<std::unique_ptr<Decoder>> parts;
  const std::string where = fields.where() + ": \"decoders\"";
  for (const PlainJson& part : as_list(fields.need("decoders"), where))
    parts.push_back(make(part, where, depth + 1));
  return std::make_unique<Sequence>(std::move(parts));
}

std::unique_ptr<Decoder> make(const PlainJson& value, const std::string& where, int depth) {
  Fields fields(value, where);
  const std::string type = fields.text("type");
  std::unique_ptr<Decoder> made;
  if (type == "WordPiece")
    made = std::make_unique<WordPieceDecoder>(fields);
  else if (type == "ByteLevel")
    made = std::make_unique<ByteLevelDecoder>(fields);
  else if (type == "Metaspace")
    made = std::make_unique<MetaspaceDecoder>(fields);
  else if (type == "BPEDecoder")
    made = std::make_unique<BpeDecoder>(fields);
  else if (type == "ByteFallback")
    made = std::make_unique<ByteFallbackDecoder>();
  else if (type == "Fuse")
    made = std::make_unique<FuseDecoder>();
  else if (type == "Strip")
    made = std::make_unique<StripDecoder>(fields);
  else if (type == "Replace")
    made = std::make_unique<ReplaceDecoder>(fields);
  else if (type == "Sequence")
    made = make_sequence(fields, depth);
  else
    unknown_type(where, "decoder", type,
                 {"WordPiece", "ByteLevel", "Metaspace", "BPEDecoder", "ByteFallback", "Fuse",
                  "Strip", "Replace", "Sequence"});
  fields.done();
  return made;
}

}  // namespace

std::unique_ptr<Decoder> make_decoder(const PlainJson& value, const std::string& where) {
  return value.is_null() ? nullptr : make(value, where, 0);
}

}  // namespace braid::text
