// Foreign JSON objects: no key twice, keys in their order, time linear in the text whatever it
// holds.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace braid::formats {

struct JsonObject {
  std::vector<std::string> keys;  // of the outermost object, in the order they were written in
  nlohmann::json members;         // looked up in log time, where core's ordered Json searches
};

/// Errors: format (not JSON, a key that stands twice at any depth), data (JSON, but not an object);
/// messages open with `where`.
JsonObject parse_json_object(std::string_view text, const std::string& where);

/// "a list", "an object", "text" ..., for messages.
const char* json_type(const nlohmann::json& value);

}  // namespace braid::formats
