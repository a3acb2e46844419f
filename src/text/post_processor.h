// The "post_processor" of a tokenizer.json: special tokens around the texts, and offsets trimmed.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/encoded_part.h"
#include "text/json_fields.h"

namespace braid::text {

/// A piece of a template: a text's tokens, or special tokens.
struct TemplatePiece {
  int text = -1;             // 0 or 1: the first or the second text; -1: special tokens
  std::vector<int32_t> ids;  // of the special tokens
  int32_t type_id = 0;
};

/// How one text, or a pair, is put together, and whether white space is trimmed off the offsets.
class PostProcessor {
 public:
  /// Texts alone, one behind the other, of types 0 and 1.
  PostProcessor();
  /// Errors   format: names `where` and the types that are known.
  PostProcessor(const PlainJson& value, const std::string& where);

  /// `given` are the one or two texts that the parts are of.
  Encoding process(std::vector<Part>& parts, const std::vector<std::string_view>& given,
                   bool adds_special_tokens) const;
  int64_t num_special_tokens(bool is_pair) const;
  bool trims_offsets() const { return trims_; }

 private:
  void read(const PlainJson& value, const std::string& where, int depth);
  void read_template(Fields& fields);
  void read_fixed(Fields& fields, bool is_roberta);
  void set_template(const std::string& where, std::vector<TemplatePiece> single,
                    std::vector<TemplatePiece> pair);
  void set_trim(const std::string& where, bool trims, bool prepends_space);
  void trim(Part& part, std::string_view given) const;

  std::vector<TemplatePiece> single_, pair_;
  bool has_template_ = false, trims_ = false, prepends_space_ = false;
};

}  // namespace braid::text
