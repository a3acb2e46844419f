#include "formats/json_object.h"

#include <set>

#include "core/error.h"

namespace braid::formats {
namespace {

// The first of two passes: the library's parser takes the last of two equal keys without a word,
// and its filtering callback costs quadratic time.
class KeyReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit KeyReader(const std::string& where) : where_(where) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_array(size_t) override { return true; }
  bool end_array() override { return true; }
  bool start_object(size_t) override {
    open_.emplace_back();
    return true;
  }
  bool end_object() override {
    open_.pop_back();
    return true;
  }
  bool key(string_t& key) override {
    BRAID_CHECK(open_.back().insert(key).second, format,
                "{}: the key '{}' stands twice; remove one", where_, key);
    if (open_.size() == 1) keys.push_back(key);
    return true;
  }
  bool parse_error(size_t byte, const std::string&, const nlohmann::detail::exception& e) override {
    constexpr int kNumberTooLarge = 406;
    BRAID_CHECK(e.id != kNumberTooLarge, format,
                "{}: byte {}: expected a number within double's range, got a larger one", where_,
                byte);
    fail(ErrorKind::format, "{}: byte {}: expected JSON, got something else; is the file complete?",
         where_, byte);
  }

  std::vector<std::string> keys;

 private:
  const std::string& where_;
  std::vector<std::set<std::string>> open_;  // the keys of every object around the current place
};

}  // namespace

JsonObject parse_json_object(std::string_view text, const std::string& where) {
  KeyReader reader(where);
  nlohmann::json::sax_parse(text, &reader);
  JsonObject object{std::move(reader.keys), nlohmann::json::parse(text)};
  BRAID_CHECK(object.members.is_object(), data, "{}: expected an object {{...}}, got {}", where,
              json_type(object.members));
  return object;
}

const char* json_type(const nlohmann::json& value) {
  if (value.is_number()) return "a number";
  if (value.is_string()) return "text";
  if (value.is_boolean()) return "true or false";
  if (value.is_array()) return "a list";
  if (value.is_object()) return "an object";
  return "null";
}

}  // namespace braid::formats
