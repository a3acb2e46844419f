// Reads a JSON object strictly: every key is asked for, and one that nobody asked for is an error.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace braid::text {

/// Keys in any order: core/json.h's type keeps the written one, at a cost that grows with their
/// square, and vocabularies have a hundred thousand.
using PlainJson = nlohmann::json;

/// Errors   format: not JSON; names `where` and the byte.
PlainJson parse_plain_json(const std::string& text, const std::string& where);

/// All accessors: Errors format, naming `where`, the key, and what was expected.
class Fields {
 public:
  Fields(const PlainJson& object, std::string where);
  const std::string& where() const { return where_; }

  /// nullptr where the key is absent or null.
  const PlainJson* find(const char* key);
  const PlainJson& need(const char* key);
  std::string text(const char* key);
  std::string text_or(const char* key, const std::string& otherwise);
  bool flag_or(const char* key, bool otherwise);
  bool flag(const char* key);
  /// A whole number of 0 or more.
  int64_t number(const char* key);
  int64_t number_or(const char* key, int64_t otherwise);
  /// A text of exactly one code point.
  int32_t letter(const char* key);
  /// Position in `names` of the text at `key`, which is one of them.
  size_t one_of(const char* key, const std::vector<std::string>& names, size_t otherwise);
  /// Errors format: a key that was not asked for.
  void done() const;

 private:
  const PlainJson& object_;
  std::string where_;
  std::vector<std::string> asked_;
};

/// "unknown <what> 'x'; did you mean 'y'? (known: ...)" as Error(format) after `where`.
[[noreturn]] void unknown_type(const std::string& where, const std::string& what,
                               const std::string& name, const std::vector<std::string>& known);

/// `value` as a list. Errors format: it is none.
const PlainJson& as_list(const PlainJson& value, const std::string& where);

}  // namespace braid::text
