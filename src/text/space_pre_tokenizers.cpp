// Pre-tokenizers that write spaces as letters: Metaspace (SentencePiece) and ByteLevel (GPT-2).
#include "core/error.h"
#include "text/code_points.h"
#include "text/normalizer.h"
#include "text/pre_tokenizer.h"

namespace braid::text {
namespace {

class MetaspaceWords : public PreTokenizer {
 public:
  explicit MetaspaceWords(Fields& fields)
      : config_(fields), letter_(Pattern::literal(config_.replacement)) {}

  void apply(PreTokenized& text) const override {
    rewrite_all(text, [&](const Piece& piece, AlignedText& to) { rewrite(text, piece, to); });
    if (!config_.splits) return;
    cut_all(text, Behavior::merged_with_next,
            [this](std::string_view word, uint32_t offset, std::vector<Match>& matches) {
              letter_.find(word, offset, matches);
            });
  }

 private:
  void rewrite(const PreTokenized& text, const Piece& piece, AlignedText& to) const {
    const std::string_view word = text.text_of(piece);
    const bool has_letter =
        word[0] == ' ' || word.compare(0, config_.replacement.size(), config_.replacement) == 0;
    const Source first = text.aligned.sources[piece.begin];
    const bool is_prepended = config_.prepend == Metaspace::Prepend::always ||
                              (config_.prepend == Metaspace::Prepend::first && first.begin == 0);
    if (!has_letter && is_prepended) to.append(config_.replacement, first);
    size_t behind = 0;
    for (size_t at; (at = word.find(' ', behind)) != std::string_view::npos; behind = at + 1) {
      to.append(text.aligned, piece.begin + behind, piece.begin + at);
      to.append(config_.replacement, text.aligned.sources[piece.begin + at]);
    }
    to.append(text.aligned, piece.begin + behind, piece.end);
  }

  Metaspace config_;
  Pattern letter_;
};

class ByteLevel : public PreTokenizer {
 public:
  explicit ByteLevel(Fields& fields) : words_(Pattern::regex(kWords, fields.where())) {
    prepends_ = fields.flag_or("add_prefix_space", true);
    fields.find("trim_offsets");  // the post-processor's
    splits_ = fields.flag_or("use_regex", true);
  }

  void apply(PreTokenized& text) const override {
    if (prepends_) {
      rewrite_all(text, [&](const Piece& piece, AlignedText& to) {
        if (text.aligned.text[piece.begin] != ' ')
          to.append(" ", text.aligned.sources[piece.begin]);
        to.append(text.aligned, piece.begin, piece.end);
      });
    }
    if (splits_) {
      cut_all(text, Behavior::isolated,
              [this](std::string_view word, uint32_t offset, std::vector<Match>& matches) {
                words_.find(word, offset, matches);
              });
    }
    rewrite_all(text, [&](const Piece& piece, AlignedText& to) {
      write_bytes_as_letters(text.aligned, piece.begin, piece.end, to);
    });
  }

 private:
  /// Source   openai/gpt-2, encoder.py.
  static constexpr const char* kWords =
      R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

  Pattern words_;
  bool prepends_, splits_;
};

}  // namespace

Metaspace::Metaspace(Fields& fields) {
  append_utf8(fields.letter("replacement"), replacement);
  fields.find("str_rep");  // the same letter, in older files
  const bool adds = fields.flag_or("add_prefix_space", true);
  const bool says = fields.find("prepend_scheme") != nullptr;
  prepend = static_cast<Prepend>(
      fields.one_of("prepend_scheme", {"first", "never", "always"}, adds ? 2 : 1));
  BRAID_CHECK(adds || !says || prepend == Prepend::never, format,
              "{}: \"add_prefix_space\": expected what \"prepend_scheme\" says, got false",
              fields.where());
  splits = fields.flag_or("split", true);
}

std::unique_ptr<PreTokenizer> make_metaspace(Fields& fields) {
  return std::make_unique<MetaspaceWords>(fields);
}

std::unique_ptr<PreTokenizer> make_byte_level(Fields& fields) {
  return std::make_unique<ByteLevel>(fields);
}

}  // namespace braid::text
