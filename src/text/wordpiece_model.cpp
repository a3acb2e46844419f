// Pretrained WordPiece: the longest piece first, as text/wordpiece.h learns it too.

#include "core/error.h"
#include "text/code_points.h"
#include "text/piece_trie.h"
#include "text/token_model.h"

namespace braid::text {
namespace {

/// Source   Hugging Face tokenizers, models/wordpiece.
class WordPieceModel : public TokenModel {
 public:
  explicit WordPieceModel(Fields& fields) {
    read_vocabulary(fields, vocabulary_);
    unknown_ = vocabulary_.find(fields.text_or("unk_token", "[UNK]"));
    const std::string prefix = fields.text_or("continuing_subword_prefix", "##");
    max_letters_ = fields.number_or("max_input_chars_per_word", 100);
    for (int32_t id = 0; id < vocabulary_.size(); ++id) {
      const std::string* token = vocabulary_.token(id);
      if (token == nullptr || token->empty()) continue;
      begin_.add(*token, id);
      if (token->size() > prefix.size() && token->compare(0, prefix.size(), prefix) == 0)
        inside_.add(std::string_view(*token).substr(prefix.size()), id);
    }
  }

  void tokenize(std::string_view word, std::vector<WordToken>& tokens) const override {
    const size_t num_before = tokens.size();
    bool is_spelled = count_code_points(word) <= max_letters_;
    for (size_t begin = 0; is_spelled && begin < word.size();) {
      size_t num_bytes = 0;
      const PieceTrie& pieces = begin > 0 ? inside_ : begin_;
      const int32_t id = pieces.longest(word.substr(begin), &num_bytes);
      tokens.push_back(
          {id, static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + num_bytes)});
      is_spelled = num_bytes > 0;
      begin += num_bytes;
    }
    if (is_spelled) return;
    BRAID_CHECK(unknown_ >= 0, data,
                "text: word '{}': expected pieces of the vocabulary, got others, and there is no "
                "unknown token",
                word.substr(0, 100));
    tokens.resize(num_before);
    tokens.push_back({unknown_, 0, static_cast<uint32_t>(word.size())});
  }

 private:
  PieceTrie begin_, inside_;
  int32_t unknown_;
  int64_t max_letters_;
};

}  // namespace

std::unique_ptr<TokenModel> make_wordpiece(Fields& fields) {
  return std::make_unique<WordPieceModel>(fields);
}

}  // namespace braid::text
