#include "encoders/published_keys.h"

#include "core/error.h"

namespace braid::encoders {
namespace {

const Json* value_of(const Json& config, const char* key) {
  const auto found = config.find(key);
  return found == config.end() || found->is_null() ? nullptr : &*found;
}

[[noreturn]] void ill_typed(const std::string& where, const char* key, const char* expected,
                            const Json& value) {
  fail(ErrorKind::config, "{}: config.json: {}: expected {}, got {}; the folder is damaged", where,
       key, expected, value.dump().substr(0, 80));
}

}  // namespace

int64_t published_integer(const Json& config, const char* key, const std::string& where,
                          int64_t fallback) {
  const Json* value = value_of(config, key);
  if (value == nullptr) return fallback;
  if (!value->is_number_integer()) ill_typed(where, key, "a whole number", *value);
  return value->get<int64_t>();
}

int64_t published_integer(const Json& config, const char* key, const std::string& where) {
  BRAID_CHECK(
      value_of(config, key) != nullptr, config,
      "{}: config.json: {}: expected a whole number, got nothing; the folder is not of this "
      "family or damaged",
      where, key);
  return published_integer(config, key, where, 0);
}

double published_number(const Json& config, const char* key, const std::string& where,
                        double fallback) {
  const Json* value = value_of(config, key);
  if (value == nullptr) return fallback;
  if (!value->is_number()) ill_typed(where, key, "a number", *value);
  return value->get<double>();
}

std::string published_text(const Json& config, const char* key, const std::string& where,
                           const std::string& fallback) {
  const Json* value = value_of(config, key);
  if (value == nullptr) return fallback;
  if (!value->is_string()) ill_typed(where, key, "text", *value);
  return value->get<std::string>();
}

bool published_bool(const Json& config, const char* key, const std::string& where, bool fallback) {
  const Json* value = value_of(config, key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) ill_typed(where, key, "true or false", *value);
  return value->get<bool>();
}

std::vector<int64_t> published_integers(const Json& config, const char* key,
                                        const std::string& where) {
  const Json* value = value_of(config, key);
  BRAID_CHECK(value != nullptr && value->is_array() && !value->empty(), config,
              "{}: config.json: {}: expected a list of whole numbers, got {}; the folder is not of "
              "this family or damaged",
              where, key, value == nullptr ? "nothing" : value->dump().substr(0, 80));
  std::vector<int64_t> numbers;
  for (const Json& entry : *value) {
    if (!entry.is_number_integer()) ill_typed(where, key, "a list of whole numbers", *value);
    numbers.push_back(entry.get<int64_t>());
  }
  return numbers;
}

void published_must_be(const Json& config, const char* key, const Json& expected,
                       const std::string& where) {
  const Json* value = value_of(config, key);
  BRAID_CHECK(value == nullptr || *value == expected, config,
              "{}: config.json: {}: expected {}, got {}; this variant is not supported, choose "
              "another checkpoint",
              where, key, expected.dump(), value->dump().substr(0, 80));
}

const Json& published_tower(const Json& config, const char* key) {
  const Json* value = value_of(config, key);
  return value != nullptr && value->is_object() ? *value : config;
}

}  // namespace braid::encoders
