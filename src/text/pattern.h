// Finds literal texts and regular expressions, as files of Hugging Face's tokenizers mean them.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/json_fields.h"

namespace braid::text {

/// Bytes [begin, end) of a text; the matches of a whole text cover it without gaps.
struct Match {
  uint32_t begin = 0, end = 0;
  bool is_match = false;
};

/// Cheap to copy; const members may be called by many threads at once.
class Pattern {
 public:
  static Pattern literal(std::string text);
  /// Oniguruma's Ruby syntax with Unicode classes, as far as regex_syntax.h translates it.
  /// Errors   format: not a regular expression, or one that is not supported.
  static Pattern regex(const std::string& expression, const std::string& where);
  /// {"String": ...}, {"Regex": ...} or, as in older files, a text.
  static Pattern parse(const PlainJson& value, const std::string& where);

  /// What matches and what lies between, in order; appended with `offset` added. `text` is UTF-8.
  /// Errors   data: the expression takes more steps or memory on this text than is allowed.
  void find(std::string_view text, uint32_t offset, std::vector<Match>& matches) const;
  /// `text` with every match replaced.
  std::string replace(std::string_view text, std::string_view by) const;

 private:
  struct Regex;
  void find_literal(std::string_view text, uint32_t offset, std::vector<Match>& matches) const;

  std::string literal_;
  std::shared_ptr<const Regex> regex_;  // nullptr: a literal
};

}  // namespace braid::text
