#include "text/pre_tokenizer.h"

#include "core/error.h"
#include "text/code_points.h"
#include "text/normalizer.h"

namespace braid::text {
namespace {

/// Matches of single letters that `is_one` says yes to; between them stretches of others.
template <class IsOne>
void find_letters(std::string_view word, uint32_t offset, std::vector<Match>& matches,
                  const IsOne& is_one) {
  size_t behind = 0;
  const auto put = [&](size_t begin, size_t end, bool is_match) {
    matches.push_back(
        {offset + static_cast<uint32_t>(begin), offset + static_cast<uint32_t>(end), is_match});
  };
  for (size_t at = 0; at < word.size();) {
    const size_t begin = at;
    if (!is_one(step_code_point(word, at))) continue;
    if (begin > behind) put(behind, begin, false);
    put(begin, at, true);
    behind = at;
  }
  if (behind < word.size()) put(behind, word.size(), false);
}

template <class IsOne>
void cut_at_letters(PreTokenized& text, Behavior behavior, const IsOne& is_one) {
  cut_all(text, behavior, [&](std::string_view word, uint32_t offset, std::vector<Match>& matches) {
    find_letters(word, offset, matches, is_one);
  });
}

class BertWords : public PreTokenizer {
 public:
  void apply(PreTokenized& text) const override {
    cut_at_letters(text, Behavior::removed, is_white_space);
    cut_at_letters(text, Behavior::isolated, is_punctuation);
  }
};

/// Stretches of word letters, and of what is neither word letter nor white space.
class Whitespace : public PreTokenizer {
 public:
  void apply(PreTokenized& text) const override {
    cut_all(text, Behavior::removed, [](std::string_view word, uint32_t offset, auto& matches) {
      int last = -1;
      for (size_t at = 0; at < word.size();) {
        const size_t begin = at;
        const int32_t c = step_code_point(word, at);
        const int kind = is_white_space(c) ? 0 : is_word_letter(c) ? 1 : 2;
        const auto end = offset + static_cast<uint32_t>(at);
        if (kind == last)
          matches.back().end = end;
        else
          matches.push_back({offset + static_cast<uint32_t>(begin), end, kind == 0});
        last = kind;
      }
    });
  }
};

class WhitespaceSplit : public PreTokenizer {
 public:
  void apply(PreTokenized& text) const override {
    cut_at_letters(text, Behavior::removed, is_white_space);
  }
};

Behavior read_behavior(Fields& fields, size_t otherwise) {
  return static_cast<Behavior>(fields.one_of(
      "behavior", {"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"},
      otherwise));
}

class Punctuation : public PreTokenizer {
 public:
  explicit Punctuation(Fields& fields)
      : behavior_(read_behavior(fields, static_cast<size_t>(Behavior::isolated))) {}
  void apply(PreTokenized& text) const override { cut_at_letters(text, behavior_, is_punctuation); }

 private:
  Behavior behavior_;
};

class Digits : public PreTokenizer {
 public:
  explicit Digits(Fields& fields)
      : behavior_(fields.flag_or("individual_digits", false) ? Behavior::isolated
                                                             : Behavior::contiguous) {}
  void apply(PreTokenized& text) const override { cut_at_letters(text, behavior_, is_numeric); }

 private:
  Behavior behavior_;
};

class CharDelimiterSplit : public PreTokenizer {
 public:
  explicit CharDelimiterSplit(Fields& fields) : delimiter_(fields.letter("delimiter")) {}
  void apply(PreTokenized& text) const override {
    cut_at_letters(text, Behavior::removed, [this](int32_t c) { return c == delimiter_; });
  }

 private:
  int32_t delimiter_;
};

class Split : public PreTokenizer {
 public:
  explicit Split(Fields& fields)
      : pattern_(Pattern::parse(fields.need("pattern"), fields.where() + ": \"pattern\"")) {
    fields.need("behavior");
    behavior_ = read_behavior(fields, 0);
    is_inverted_ = fields.flag_or("invert", false);
  }

  void apply(PreTokenized& text) const override {
    cut_all(text, behavior_, [this](std::string_view word, uint32_t offset, auto& matches) {
      pattern_.find(word, offset, matches);
      if (!is_inverted_) return;
      for (Match& match : matches) match.is_match = !match.is_match;
    });
  }

 private:
  Pattern pattern_;
  Behavior behavior_ = Behavior::removed;
  bool is_inverted_ = false;
};

class Sequence : public PreTokenizer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<PreTokenizer>> parts) : parts_(std::move(parts)) {}
  void apply(PreTokenized& text) const override {
    for (const auto& part : parts_) part->apply(text);
  }

 private:
  std::vector<std::unique_ptr<PreTokenizer>> parts_;
};

std::unique_ptr<PreTokenizer> make(const PlainJson& value, const std::string& where, int depth);

std::unique_ptr<PreTokenizer> make_sequence(Fields& fields, int depth) {
  BRAID_CHECK(depth < kMaxNesting, format, "{}: expected at most {} sequences in each other",
              fields.where(), kMaxNesting);
  std::vector<std::unique_ptr<PreTokenizer>> parts;
  const std::string where = fields.where() + ": \"pretokenizers\"";
  for (const PlainJson& part : as_list(fields.need("pretokenizers"), where))
    parts.push_back(make(part, where, depth + 1));
  return std::make_unique<Sequence>(std::move(parts));
}

std::unique_ptr<PreTokenizer> make(const PlainJson& value, const std::string& where, int depth) {
  Fields fields(value, where);
  const std::string type = fields.text("type");
  std::unique_ptr<PreTokenizer> made;
  if (type == "BertPreTokenizer")
    made = std::make_unique<BertWords>();
  else if (type == "Whitespace")
    made = std::make_unique<Whitespace>();
  else if (type == "WhitespaceSplit")
    made = std::make_unique<WhitespaceSplit>();
  else if (type == "ByteLevel")
    made = make_byte_level(fields);
  else if (type == "Metaspace")
    made = make_metaspace(fields);
  else if (type == "Split")
    made = std::make_unique<Split>(fields);
  else if (type == "Punctuation")
    made = std::make_unique<Punctuation>(fields);
  else if (type == "Digits")
    made = std::make_unique<Digits>(fields);
  else if (type == "CharDelimiterSplit")
    made = std::make_unique<CharDelimiterSplit>(fields);
  else if (type == "Sequence")
    made = make_sequence(fields, depth);
  else
    unknown_type(where, "pre-tokenizer", type,
                 {"BertPreTokenizer", "Whitespace", "WhitespaceSplit", "ByteLevel", "Metaspace",
                  "Split", "Punctuation", "Digits", "CharDelimiterSplit", "Sequence"});
  fields.done();
  return made;
}

}  // namespace

std::unique_ptr<PreTokenizer> make_pre_tokenizer(const PlainJson& value, const std::string& where) {
  return value.is_null() ? nullptr : make(value, where, 0);
}

void cut(const std::vector<Match>& matches, Behavior behavior, std::vector<Piece>& pieces) {
  const auto put = [&pieces](const Match& match) {
    if (match.end > match.begin) pieces.push_back({match.begin, match.end, -1});
  };
  if (behavior == Behavior::removed || behavior == Behavior::isolated) {
    for (const Match& match : matches)
      if (!match.is_match || behavior == Behavior::isolated) put(match);
    return;
  }
  const size_t size = matches.size();
  // Neighbours grow together; a match joins the stretch of others on its side, but no other match.
  for (size_t i = 0; i < size;) {
    Match grown = matches[i++];
    bool was_match = grown.is_match;
    const auto joins = [&](const Match& next) {
      if (behavior == Behavior::contiguous) return next.is_match == was_match;
      if (behavior == Behavior::merged_with_previous) return next.is_match && !was_match;
      return !next.is_match && was_match;
    };
    for (; i < size && joins(matches[i]); ++i) {
      grown.end = matches[i].end;
      was_match = matches[i].is_match;
    }
    put(grown);
  }
}

}  // namespace braid::text
