// The keys of a preprocessor_config.json, one by one, each checked. null stands for an absent key.
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "core/json.h"

namespace braid::processors {

/// Errors   config: `where: key "size": expected ..., got ...`.
class ConfigKeys {
 public:
  ConfigKeys(const Json& json, const std::string& where);

  bool has(const char* key) const;
  const Json& at(const char* key) const;  // has(key)
  bool boolean(const char* key, bool otherwise) const;
  std::string text(const char* key, const std::string& otherwise) const;
  /// Finite, and above `low` (not low itself).
  double number_above(const char* key, double low, double otherwise) const;
  /// Three numbers, or one for all three.
  std::array<double, 3> three_numbers(const char* key) const;  // has(key)
  /// What is wrong with `key`.
  [[noreturn]] void fail_at(const char* key, const std::string& expected) const;

  const std::string& where() const { return where_; }
  const Json& json() const { return json_; }

 private:
  const Json& json_;
  const std::string& where_;
};

/// A JSON value for a message, shortened.
std::string shown(const Json& value);

}  // namespace braid::processors
