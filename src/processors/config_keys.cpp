#include "processors/config_keys.h"

#include <cmath>

#include "core/error.h"

namespace braid::processors {

namespace {

// Whether a foreign value nests at most so deep; what goes deeper could exhaust the stack.
bool is_shallow(const Json& value, int levels) {
  if (!value.is_structured()) return true;
  if (levels == 0) return false;
  for (const Json& item : value)
    if (!is_shallow(item, levels - 1)) return false;
  return true;
}

}  // namespace

std::string shown(const Json& value) {
  constexpr size_t kLongest = 60;
  if (!is_shallow(value, /*levels=*/4)) return value.is_array() ? "[...]" : "{...}";
  std::string text = value.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

ConfigKeys::ConfigKeys(const Json& json, const std::string& where) : json_(json), where_(where) {
  BRAID_CHECK(json.is_object(), config,
              "{}: expected a JSON object, got {}; give a checkpoint's preprocessor_config.json",
              where, shown(json));
}

bool ConfigKeys::has(const char* key) const { return json_.contains(key) && !at(key).is_null(); }

const Json& ConfigKeys::at(const char* key) const { return json_.at(key); }

void ConfigKeys::fail_at(const char* key, const std::string& expected) const {
  fail(ErrorKind::config, "{}: key \"{}\": expected {}, got {}", where_, key, expected,
       has(key) ? shown(at(key)) : "nothing");
}

bool ConfigKeys::boolean(const char* key, bool otherwise) const {
  if (!has(key)) return otherwise;
  if (!at(key).is_boolean()) fail_at(key, "true or false");
  return at(key).get<bool>();
}

std::string ConfigKeys::text(const char* key, const std::string& otherwise) const {
  if (!has(key)) return otherwise;
  if (!at(key).is_string()) fail_at(key, "a word in quotes");
  return at(key).get<std::string>();
}

double ConfigKeys::number_above(const char* key, double low, double otherwise) const {
  if (!has(key)) return otherwise;
  const Json& value = at(key);
  if (!value.is_number() || !std::isfinite(value.get<double>()) || value.get<double>() <= low)
    fail_at(key, fmt::format("a number above {:g}", low));
  return value.get<double>();
}

std::array<double, 3> ConfigKeys::three_numbers(const char* key) const {
  std::array<double, 3> numbers = {};
  const Json& value = at(key);
  const bool is_list = value.is_array() && value.size() == 3;
  if (!is_list && !value.is_number()) fail_at(key, "a number for each of 3 channels");
  for (size_t c = 0; c < 3; ++c) {
    const Json& number = is_list ? value[c] : value;
    if (!number.is_number() || !std::isfinite(number.get<double>()))
      fail_at(key, "a number for each of 3 channels");
    numbers[c] = number.get<double>();
  }
  return numbers;
}

}  // namespace braid::processors
