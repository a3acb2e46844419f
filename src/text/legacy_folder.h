// What the older files of a tokenizer's folder say, and the parts of a tokenizer.json made of it.
#pragma once
#include <string>
#include <vector>

#include "text/json_fields.h"

namespace braid::text {

class LegacyFolder {
 public:
  /// Reads tokenizer_config.json, special_tokens_map.json, added_tokens.json and config.json, as
  /// far as they are there. Errors   format.
  explicit LegacyFolder(std::string folder);

  const std::string& folder() const { return folder_; }
  /// The path of a file of the folder, "" where it is not there.
  std::string file(const char* name) const;
  /// "Bert" for BertTokenizer and BertTokenizerFast; by config.json's "model_type" where
  /// tokenizer_config.json does not say; "" where neither does.
  std::string kind() const;
  bool flag_or(const char* key, bool otherwise) const;
  /// The value of tokenizer_config.json; null where it has none.
  const PlainJson& value(const char* key) const;
  /// The text of a special token like "cls_token", else `otherwise`.
  std::string token(const char* role, const std::string& otherwise) const;
  /// The same as an item of "added_tokens", still without id.
  PlainJson special(const char* role, const std::string& otherwise, bool is_normalized = false,
                    bool takes_left_space = false) const;

  /// "added_tokens": `specials`, those of tokenizer_config.json, and of added_tokens.json;
  /// `vocabulary` is that of the model, an object of ids. Ordered by id.
  PlainJson added_tokens(std::vector<PlainJson> specials, const PlainJson& vocabulary) const;

 private:
  const PlainJson* find_token(const char* role) const;
  void add_listed(std::vector<PlainJson>& specials) const;

  std::string folder_;
  PlainJson config_, specials_, added_, model_config_;
};

/// An item of "added_tokens".
PlainJson added_token(const std::string& content, bool is_special, bool is_normalized,
                      bool takes_left_space);

/// TemplateProcessing of words like "[CLS]:0" and "$A:0"; `ids` by their tokens.
PlainJson template_processing(const std::vector<std::string>& single,
                              const std::vector<std::string>& pair, const PlainJson& ids);

/// tokenizer.json of a folder with vocab.txt, of one with vocab.json and merges.txt, and of one
/// with a SentencePiece model at `file`.
PlainJson bert_tokenizer(const LegacyFolder& folder);
PlainJson byte_level_tokenizer(const LegacyFolder& folder);
PlainJson sentencepiece_tokenizer(const LegacyFolder& folder, const std::string& file);

}  // namespace braid::text
