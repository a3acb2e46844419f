#include "text/json_fields.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "text/code_points.h"

namespace braid::text {

PlainJson parse_plain_json(const std::string& text, const std::string& where) {
  try {
    return PlainJson::parse(text);
  } catch (const PlainJson::parse_error& e) {
    fail(ErrorKind::format, "{}: byte {}: expected JSON, got something else; is the file complete?",
         where, e.byte);
  } catch (const PlainJson::exception&) {
    fail(ErrorKind::format, "{}: expected JSON, got a number that fits no type", where);
  }
}

void unknown_type(const std::string& where, const std::string& what, const std::string& name,
                  const std::vector<std::string>& known) {
  fail(ErrorKind::format, "{}: {}", where, unknown_name(what, name, known));
}

const PlainJson& as_list(const PlainJson& value, const std::string& where) {
  BRAID_CHECK(value.is_array(), format, "{}: expected a list, got {}", where, value.type_name());
  return value;
}

Fields::Fields(const PlainJson& object, std::string where)
    : object_(object), where_(std::move(where)) {
  BRAID_CHECK(object.is_object(), format, "{}: expected an object, got {}", where_,
              object.type_name());
}

const PlainJson* Fields::find(const char* key) {
  asked_.emplace_back(key);
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

const PlainJson& Fields::need(const char* key) {
  const PlainJson* value = find(key);
  BRAID_CHECK(value != nullptr, format, "{}: expected the key \"{}\", got an object without it",
              where_, key);
  return *value;
}

std::string Fields::text(const char* key) {
  const PlainJson& value = need(key);
  BRAID_CHECK(value.is_string(), format, "{}: \"{}\": expected a text, got {}", where_, key,
              value.type_name());
  return value.get<std::string>();
}

std::string Fields::text_or(const char* key, const std::string& otherwise) {
  return find(key) == nullptr ? otherwise : text(key);
}

bool Fields::flag(const char* key) {
  const PlainJson& value = need(key);
  BRAID_CHECK(value.is_boolean(), format, "{}: \"{}\": expected true or false, got {}", where_, key,
              value.type_name());
  return value.get<bool>();
}

bool Fields::flag_or(const char* key, bool otherwise) {
  return find(key) == nullptr ? otherwise : flag(key);
}

int64_t Fields::number(const char* key) {
  const PlainJson& value = need(key);
  const bool is_valid =
      value.is_number_unsigned() &&
      value.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int32_t>::max());
  BRAID_CHECK(is_valid, format, "{}: \"{}\": expected a whole number from 0 to 2^31 - 1, got {}",
              where_, key, value.is_number() ? value.dump() : value.type_name());
  return value.get<int64_t>();
}

int64_t Fields::number_or(const char* key, int64_t otherwise) {
  return find(key) == nullptr ? otherwise : number(key);
}

int32_t Fields::letter(const char* key) {
  const std::string value = text(key);
  size_t at = 0;
  const int32_t code_point = value.empty() ? 0 : step_code_point(value, at);
  BRAID_CHECK(!value.empty() && at == value.size(), format,
              "{}: \"{}\": expected one letter, got '{}'", where_, key, value);
  return code_point;
}

size_t Fields::one_of(const char* key, const std::vector<std::string>& names, size_t otherwise) {
  if (find(key) == nullptr) return otherwise;
  const std::string name = text(key);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) unknown_type(where_, key, name, names);
  return static_cast<size_t>(found - names.begin());
}

void Fields::done() const {
  for (const auto& [key, value] : object_.items()) {
    if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
    unknown_type(where_, "key", key, asked_);
  }
}

}  // namespace braid::text
