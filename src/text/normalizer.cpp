#include "text/normalizer.h"

#include <functional>
#include <vector>

#include "core/error.h"
#include "text/byte_alphabet.h"
#include "text/code_points.h"
#include "text/pattern.h"
#include "text/unicode_forms.h"

namespace braid::text {
namespace {

/// Keeps the code points that `keeps` says yes to.
template <class Keeps>
void filter(AlignedText& aligned, const Keeps& keeps) {
  size_t out = 0;
  for (size_t at = 0; at < aligned.size();) {
    const size_t begin = at;
    if (!keeps(step_code_point(aligned.text, at))) continue;
    for (size_t i = begin; i < at; ++i, ++out) {
      aligned.text[out] = aligned.text[i];
      aligned.sources[out] = aligned.sources[i];
    }
  }
  aligned.text.resize(out);
  aligned.sources.resize(out);
}

/// Rewrites every code point: `rewrite(code_point, put)`, where put(code_point, change) is
/// Rewriter::put().
template <class Rewrite>
void rewrite_each(AlignedText& aligned, const Rewrite& rewrite) {
  AlignedText changed;
  changed.text.reserve(aligned.size());
  changed.sources.reserve(aligned.size());
  Rewriter out(aligned, 0, aligned.size(), changed);
  const auto put = [&out](int32_t code_point, int change) { out.put(code_point, change); };
  for (size_t at = 0; at < aligned.size();) rewrite(step_code_point(aligned.text, at), put);
  std::swap(aligned, changed);
}

void make_small(AlignedText& aligned) {
  if (is_ascii_only(aligned.text)) {
    for (char& c : aligned.text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 32);
    return;
  }
  rewrite_each(aligned, [](int32_t c, const auto& put) {
    int change = 0;
    lower(c, [&](int32_t small) { put(small, change++); });
  });
}

class Lowercase : public Normalizer {
 public:
  void apply(AlignedText& aligned) const override { make_small(aligned); }
};

class StripAccents : public Normalizer {
 public:
  void apply(AlignedText& aligned) const override {
    if (!is_ascii_only(aligned.text)) filter(aligned, [](int32_t c) { return !is_mark(c); });
  }
};

class UnicodeForm : public Normalizer {
 public:
  explicit UnicodeForm(Form form) : form_(form) {}
  void apply(AlignedText& aligned) const override { to_form(form_, aligned); }

 private:
  Form form_;
};

/// Source   Hugging Face tokenizers, normalizers/bert.
class Bert : public Normalizer {
 public:
  explicit Bert(Fields& fields) {
    cleans_ = fields.flag_or("clean_text", true);
    parts_ideographs_ = fields.flag_or("handle_chinese_chars", true);
    lowercase_ = fields.flag_or("lowercase", true);
    strips_accents_ = fields.flag_or("strip_accents", lowercase_);
  }

  void apply(AlignedText& aligned) const override {
    if (cleans_) clean(aligned);
    const bool is_ascii = is_ascii_only(aligned.text);
    if (parts_ideographs_ && !is_ascii) {
      rewrite_each(aligned, [](int32_t c, const auto& put) {
        if (!is_ideograph(c)) return put(c, 0);
        put(' ', 0);
        put(c, 1);
        put(' ', 1);
      });
    }
    if (strips_accents_ && !is_ascii) {
      to_form(Form::nfd, aligned);
      filter(aligned, [](int32_t c) { return !is_nonspacing_mark(c); });
    }
    if (lowercase_) make_small(aligned);
  }

 private:
  static void clean(AlignedText& aligned) {
    filter(aligned, [](int32_t c) {
      if (c >= ' ' && c < 0x7F) return true;
      return c == '\t' || c == '\n' || c == '\r' || (c != 0 && c != kReplacement && !is_control(c));
    });
    if (is_ascii_only(aligned.text)) {
      for (char& c : aligned.text)
        if (is_white_space(c)) c = ' ';
      return;
    }
    rewrite_each(aligned, [](int32_t c, const auto& put) { put(is_white_space(c) ? ' ' : c, 0); });
  }

  /// The reference's ranges, with its slip in the last but two: U+2B820 to U+2B91F are left out.
  static bool is_ideograph(int32_t c) {
    const auto is_within = [c](int32_t first, int32_t last) { return c >= first && c <= last; };
    return is_within(0x4E00, 0x9FFF) || is_within(0x3400, 0x4DBF) || is_within(0x20000, 0x2A6DF) ||
           is_within(0x2A700, 0x2B73F) || is_within(0x2B740, 0x2B81F) ||
           is_within(0x2B920, 0x2CEAF) || is_within(0xF900, 0xFAFF) || is_within(0x2F800, 0x2FA1F);
  }

  bool cleans_, parts_ideographs_, lowercase_, strips_accents_;
};

class Strip : public Normalizer {
 public:
  explicit Strip(Fields& fields)
      : left_(fields.flag_or("strip_left", true)), right_(fields.flag_or("strip_right", true)) {}

  void apply(AlignedText& aligned) const override {
    size_t begin = 0, end = 0;  // of the letters that are no white space
    bool is_all_space = true;
    for (size_t at = 0; at < aligned.size();) {
      const size_t here = at;
      if (is_white_space(step_code_point(aligned.text, at))) continue;
      if (is_all_space) begin = here;
      is_all_space = false;
      end = at;
    }
    if (is_all_space) {
      if (left_ || right_) aligned.clear();
      return;
    }
    AlignedText kept;
    kept.append(aligned, left_ ? begin : 0, right_ ? end : aligned.size());
    std::swap(aligned, kept);
  }

 private:
  bool left_, right_;
};

class Replace : public Normalizer {
 public:
  explicit Replace(Fields& fields)
      : pattern_(Pattern::parse(fields.need("pattern"), fields.where() + ": \"pattern\"")),
        content_(fields.text("content")) {}

  void apply(AlignedText& aligned) const override {
    std::vector<Match> matches;
    pattern_.find(aligned.text, 0, matches);
    if (matches.empty() || (matches.size() == 1 && !matches[0].is_match)) return;
    AlignedText changed;
    changed.text.reserve(aligned.size());
    changed.sources.reserve(aligned.size());
    for (const Match& match : matches) {
      if (!match.is_match)
        changed.append(aligned, match.begin, match.end);
      else  // what replaces counts as inserted behind the last byte
        changed.append(content_, match.end > 0 ? aligned.sources[match.end - 1] : Source{});
    }
    std::swap(aligned, changed);
  }

 private:
  Pattern pattern_;
  std::string content_;
};

class Prepend : public Normalizer {
 public:
  explicit Prepend(Fields& fields) : content_(fields.text("prepend")) {}

  void apply(AlignedText& aligned) const override {
    if (aligned.text.empty()) return;
    AlignedText changed;
    changed.text.reserve(content_.size() + aligned.size());
    changed.sources.reserve(content_.size() + aligned.size());
    changed.append(content_, aligned.sources[0]);
    changed.append(aligned, 0, aligned.size());
    std::swap(aligned, changed);
  }

 private:
  std::string content_;
};

/// Source   SentencePiece's nmt rules, as Hugging Face tokenizers, normalizers/unicode, has them.
class Nmt : public Normalizer {
 public:
  void apply(AlignedText& aligned) const override {
    filter(aligned, [](int32_t c) {
      return !((c >= 0x1 && c <= 0x8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F ||
               c == 0x8F || c == 0x9F);
    });
    rewrite_each(aligned, [](int32_t c, const auto& put) { put(is_space(c) ? ' ' : c, 0); });
  }

 private:
  static bool is_space(int32_t c) {
    return c == 0x9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 ||
           (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
           c == 0xFEFF || c == kReplacement;
  }
};

class BytesAsLetters : public Normalizer {
 public:
  void apply(AlignedText& aligned) const override {
    AlignedText changed;
    write_bytes_as_letters(aligned, 0, aligned.size(), changed);
    std::swap(aligned, changed);
  }
};

class Sequence : public Normalizer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<Normalizer>> parts) : parts_(std::move(parts)) {}
  void apply(AlignedText& aligned) const override {
    for (const auto& part : parts_) part->apply(aligned);
  }

 private:
  std::vector<std::unique_ptr<Normalizer>> parts_;
};

std::unique_ptr<Normalizer> make(const PlainJson& value, const std::string& where, int depth);

std::unique_ptr<Normalizer> make_sequence(Fields& fields, int depth) {
  BRAID_CHECK(depth < kMaxNesting, format, "{}: expected at most {} sequences in each other",
              fields.where(), kMaxNesting);
  std::vector<std::unique_ptr<Normalizer>> parts;
  const std::string where = fields.where() + ": \"normalizers\"";
  for (const PlainJson& part : as_list(fields.need("normalizers"), where))
    parts.push_back(make(part, where, depth + 1));
  return std::make_unique<Sequence>(std::move(parts));
}

std::unique_ptr<Normalizer> make(const PlainJson& value, const std::string& where, int depth) {
  Fields fields(value, where);
  const std::string type = fields.text("type");
  std::unique_ptr<Normalizer> made;
  if (type == "BertNormalizer")
    made = std::make_unique<Bert>(fields);
  else if (type == "NFC" || type == "NFD" || type == "NFKC" || type == "NFKD")
    made = std::make_unique<UnicodeForm>(type == "NFC"    ? Form::nfc
                                         : type == "NFD"  ? Form::nfd
                                         : type == "NFKC" ? Form::nfkc
                                                          : Form::nfkd);
  else if (type == "Lowercase")
    made = std::make_unique<Lowercase>();
  else if (type == "StripAccents")
    made = std::make_unique<StripAccents>();
  else if (type == "Strip")
    made = std::make_unique<Strip>(fields);
  else if (type == "Replace")
    made = std::make_unique<Replace>(fields);
  else if (type == "Prepend")
    made = std::make_unique<Prepend>(fields);
  else if (type == "Precompiled")
    made = make_charsmap_normalizer(fields);
  else if (type == "Nmt")
    made = std::make_unique<Nmt>();
  else if (type == "ByteLevel")
    made = std::make_unique<BytesAsLetters>();
  else if (type == "Sequence")
    made = make_sequence(fields, depth);
  else
    unknown_type(where, "normalizer", type,
                 {"BertNormalizer", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents",
                  "Strip", "Replace", "Prepend", "Precompiled", "Nmt", "ByteLevel", "Sequence"});
  fields.done();
  return made;
}

}  // namespace

std::unique_ptr<Normalizer> make_normalizer(const PlainJson& value, const std::string& where) {
  return value.is_null() ? nullptr : make(value, where, 0);
}

void write_bytes_as_letters(const AlignedText& from, size_t begin, size_t end, AlignedText& to) {
  for (size_t at = begin; at < end;) {
    const Source source = from.sources[at];  // of the whole letter
    const size_t behind = at + length_by_lead(from.text[at]);
    for (; at < behind; ++at) {
      const int32_t letter = letter_of_byte(static_cast<uint8_t>(from.text[at]));
      if (letter < 0x80) {
        to.text.push_back(static_cast<char>(letter));
        to.sources.push_back(source);
      } else {
        to.text.push_back(static_cast<char>(0xC0 | letter >> 6));
        to.text.push_back(static_cast<char>(0x80 | (letter & 0x3F)));
        to.sources.insert(to.sources.end(), 2, source);
      }
    }
  }
}

}  // namespace braid::text
