// Pretrained tokenizers: text to the ids that a pretrained model was trained on, and back.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace braid::text {

/// All vectors are of the same length.
struct Encoding {
  std::vector<int32_t> ids;
  std::vector<int32_t> type_ids;             ///< which text a token belongs to, as the file has it
  std::vector<uint8_t> attention_mask;       ///< 0 = padding
  std::vector<uint8_t> special_tokens_mask;  ///< 1 = not from the text
  /// Bytes [begin, end) of the text given, of the second text for its tokens; 0, 0 for tokens that
  /// are not from the text. A token that is part of a letter has the whole letter's bytes.
  std::vector<std::pair<int64_t, int64_t>> offsets;
};

struct EncodeOptions {
  bool adds_special_tokens = true;
  /// 0 = what the file says, else cut to so many tokens, special ones included; of a pair the
  /// longer text is cut first. On the side that the file says, else the right one.
  int64_t max_length = 0;
  bool pads = true;  ///< whether the file's own "padding" is applied
};

/// A tokenizer as Hugging Face's library reads and runs it: same ids, same offsets.
///
/// Cheap to copy; const members may be called by many threads at once. Bytes that are not UTF-8
/// count as U+FFFD.
/// Cost     encoding is linear in the text, but for n log n in single words of BPE; 20 to 60 bytes
/// of
///          memory a byte of text.
/// Source   huggingface/tokenizers 0.23 (file format and behaviour).
class Tokenizer {
 public:
  /// tokenizer.json; without it the older files: vocab.txt (BERT), vocab.json and merges.txt
  /// (GPT-2, RoBERTa, CLIP, by tokenizer_config.json's tokenizer_class), spiece.model or
  /// sentencepiece.bpe.model (T5, ALBERT, XLM-RoBERTa).
  /// Errors   io: no such file. format: names the file, the place in it and what is supported.
  static Tokenizer read(const std::string& folder);
  /// Errors   format; `where` begins its messages.
  static Tokenizer parse(const std::string& tokenizer_json, const std::string& where);

  /// Errors   data: a text of 4 GiB; a letter that the vocabulary has no token for, not even an
  ///          unknown one; a regular expression that takes too long. usage: a max_length below the
  ///          number of special tokens.
  Encoding encode(std::string_view text, const EncodeOptions& options = {}) const;
  Encoding encode_pair(std::string_view first, std::string_view second,
                       const EncodeOptions& options = {}) const;
  /// Ids that are nobody's are left out, as the reference has it.
  std::string decode(const std::vector<int32_t>& ids, bool skips_special_tokens = true) const;

  /// Largest id + 1, of added tokens too.
  int64_t vocabulary_size() const;
  /// -1 where there is no such token.
  int32_t id_of(const std::string& token) const;
  /// Errors   data: no token has this id.
  const std::string& token(int32_t id) const;
  /// What the file pads with, else tokenizer_config.json's pad_token, else "[PAD]" or "<pad>"; -1
  /// where there is none.
  int32_t pad_id() const;
  /// The text that parse() makes the same tokenizer of.
  const std::string& serialize() const;

 private:
  struct State;
  explicit Tokenizer(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace braid::text
