// Text: ids of a vocabulary of pieces or words learned on the training rows.
#include "data/prepare_kinds.h"

namespace braid::data {
namespace {

class TextPreparer : public Preparer {
 public:
  TextPreparer(std::string field, int64_t max_tokens, text::WordPiece words)
      : field_(std::move(field)), max_tokens_(max_tokens), words_(std::move(words)) {}

  ModalitySpec spec() const override {
    ModalitySpec spec;
    spec.name = field_;
    spec.kind = Kind::text;
    spec.max_length = max_tokens_;
    spec.vocabulary = words_.size();
    return spec;
  }

  Prepared prepare(const Sample& sample) const override {
    Prepared result;
    const Value& value = value_of(sample, field_);
    if (std::holds_alternative<std::monostate>(value)) return result;
    const auto* text = std::get_if<std::string>(&value);
    in_field(sample, field_,
             [&] { BRAID_CHECK(text != nullptr, data, "expected text, got {}", describe(value)); });
    if (is_blank(*text)) return result;
    result.ids = words_.encode(*text, max_tokens_);
    if (result.ids.empty())
      result.ids.push_back(words_.id_of("[UNK]"));  // present, but says nothing
    // Words that are no tokens are left out, and so are those that augmentation drops.
    if (words_.config().unit == "words") result.observed.assign(result.ids.size(), 1);
    result.present = true;
    result.length = static_cast<int64_t>(result.ids.size());
    return result;
  }

  Json dump() const override {
    TextConfig config;
    config.vocabulary = words_.config();
    config.max_tokens = max_tokens_;
    return dump_config(config);
  }
  std::string vocabulary() const override { return words_.serialize(); }

 private:
  std::string field_;
  int64_t max_tokens_;
  text::WordPiece words_;
};

}  // namespace

PreparerPtr learn_text(const Training& training, const TextConfig& config) {
  const std::string& field = training.modality.name;
  const std::vector<int64_t> rows = rows_with(training, field, /*limit=*/0);
  size_t next = 0;
  auto next_text = [&](std::string* text) {
    if (next == rows.size()) return false;
    *text = std::get<std::string>(value_of(training.dataset.sample(rows[next++]), field));
    return true;
  };
  text::WordPiece words = text::WordPiece::learn(next_text, config.vocabulary);
  BRAID_CHECK(
      rows.empty() || words.size() > text::kNumSpecialTokens, data,
      "text: {}: expected a word that stands {} times in the training texts, got none; lower "
      "prepare.text.vocabulary.min_frequency or set its unit to pieces",
      field, config.vocabulary.min_frequency);
  return std::make_unique<TextPreparer>(field, config.max_tokens, std::move(words));
}

PreparerPtr load_text(const Saved& saved) {
  const TextConfig config = read_saved<TextConfig>(saved.node, saved.where);
  return std::make_unique<TextPreparer>(
      saved.modality.name, config.max_tokens,
      text::WordPiece::parse(saved.vocabulary, saved.where, config.vocabulary));
}

}  // namespace braid::data
