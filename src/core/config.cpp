#include "core/config.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>

#include "core/error.h"

namespace braid {

Bound any() { return {}; }
Bound at_least(double low) {
  Bound bound;
  bound.low = low;
  return bound;
}
Bound between(double low, double high) {
  Bound bound;
  bound.low = low;
  bound.high = high;
  return bound;
}
Bound one_of(std::vector<std::string> choices) {
  Bound bound;
  bound.choices = std::move(choices);
  return bound;
}

namespace {

const char* type_of(const Json& node) {
  if (node.is_number_integer()) return "a whole number";
  if (node.is_number()) return "a number";
  if (node.is_boolean()) return "true or false";
  if (node.is_string()) return "text";
  if (node.is_array()) return "a list";
  if (node.is_object()) return "an object";
  return "nothing";
}

class Reader : public ConfigVisitor {
 public:
  Reader(const Json& node, std::string where) : node_(node), where_(std::move(where)) {
    BRAID_CHECK(node.is_object() || node.is_null(), config, "{}: expected an object, got {}",
                where_.empty() ? "config" : where_, type_of(node));
  }

  void operator()(const char* name, bool& value, const Bound&, const char*) override {
    if (const Json* found = find(name)) {
      // YAML 1.1's other spellings count only where a boolean is wanted: a column may be called
      // "no".
      const std::string word = found->is_string() ? found->get<std::string>() : found->dump();
      const bool is_yes = word == "true" || word == "yes" || word == "on";
      BRAID_CHECK(is_yes || word == "false" || word == "no" || word == "off", config,
                  "{}: expected true or false, got {}", key(name), found->dump());
      value = is_yes;
    }
  }
  void operator()(const char* name, int64_t& value, const Bound& bound, const char*) override {
    if (const Json* found = find(name)) value = whole(*found, bound, key(name));
  }
  void operator()(const char* name, double& value, const Bound& bound, const char*) override {
    if (const Json* found = find(name)) value = number(*found, bound, key(name));
  }
  void operator()(const char* name, std::string& value, const Bound& bound, const char*) override {
    if (const Json* found = find(name)) value = text(*found, bound, key(name));
  }
  void operator()(const char* name, std::vector<std::string>& value, const Bound& bound,
                  const char*) override {
    read_list(name, value, [&](const Json& item) { return text(item, bound, key(name)); });
  }
  void operator()(const char* name, std::vector<double>& value, const Bound& bound,
                  const char*) override {
    read_list(name, value, [&](const Json& item) { return number(item, bound, key(name)); });
  }
  void operator()(const char* name, std::vector<int64_t>& value, const Bound& bound,
                  const char*) override {
    read_list(name, value, [&](const Json& item) { return whole(item, bound, key(name)); });
  }
  void operator()(const char* name, Json& value, const Bound&, const char*) override {
    if (const Json* found = find(name)) value = *found;
  }

  void finish() const {
    if (!node_.is_object()) return;
    for (const auto& item : node_.items()) {
      bool is_known = false;
      for (const std::string& name : known_) is_known = is_known || name == item.key();
      if (!is_known)
        throw Error(
            ErrorKind::config,
            unknown_name("config key", where_.empty() ? item.key() : where_ + "." + item.key(),
                         dotted()));
    }
  }

 protected:
  void nested(const char* name, const char*,
              const std::function<void(ConfigVisitor&)>& walk) override {
    const Json* found = find(name);
    if (found == nullptr) return;
    Reader inner(*found, key(name));
    walk(inner);
    inner.finish();
  }

 private:
  std::string key(const char* name) const { return where_.empty() ? name : where_ + "." + name; }
  std::vector<std::string> dotted() const {
    std::vector<std::string> names;
    for (const std::string& name : known_) names.push_back(key(name.c_str()));
    return names;
  }
  const Json* find(const char* name) {
    known_.emplace_back(name);
    if (!node_.is_object()) return nullptr;
    auto it = node_.find(name);
    return it == node_.end() || it->is_null() ? nullptr : &*it;
  }
  static void check_bound(double value, const Bound& bound, const std::string& where) {
    if (std::isfinite(bound.low) && std::isfinite(bound.high)) {
      BRAID_CHECK(value >= bound.low && value <= bound.high, config,
                  "{}: expected a number between {} and {}, got {}", where, bound.low, bound.high,
                  value);
    } else {
      BRAID_CHECK(value >= bound.low, config, "{}: expected at least {}, got {}", where, bound.low,
                  value);
      BRAID_CHECK(value <= bound.high, config, "{}: expected at most {}, got {}", where, bound.high,
                  value);
    }
  }
  static int64_t whole(const Json& item, const Bound& bound, const std::string& where) {
    const bool is_whole =
        item.is_number_integer() ||
        (item.is_number_float() && std::floor(item.get<double>()) == item.get<double>() &&
         std::fabs(item.get<double>()) < 9e15);
    BRAID_CHECK(is_whole, config, "{}: expected a whole number, got {}", where, item.dump());
    const int64_t value =
        item.is_number_float() ? static_cast<int64_t>(item.get<double>()) : item.get<int64_t>();
    check_bound(static_cast<double>(value), bound, where);
    return value;
  }
  static double number(const Json& item, const Bound& bound, const std::string& where) {
    BRAID_CHECK(item.is_number(), config, "{}: expected a number, got {}", where, item.dump());
    const double value = item.get<double>();
    BRAID_CHECK(std::isfinite(value), config, "{}: expected a finite number, got {}", where, value);
    check_bound(value, bound, where);
    return value;
  }
  static std::string text(const Json& item, const Bound& bound, const std::string& where) {
    // YAML reads unquoted 1 or true as number or boolean; where text is wanted, its spelling is
    // meant.
    const std::string value = item.is_string() ? item.get<std::string>() : item.dump();
    BRAID_CHECK(item.is_primitive(), config, "{}: expected text, got {}", where, type_of(item));
    if (bound.choices.empty()) return value;
    for (const std::string& choice : bound.choices)
      if (choice == value) return value;
    fail(ErrorKind::config, "{}: expected one of {}, got '{}'", where,
         fmt::join(bound.choices, ", "), value);
  }
  template <class T, class F>
  void read_list(const char* name, std::vector<T>& value, F convert) {
    const Json* found = find(name);
    if (found == nullptr) return;
    value.clear();
    if (!found->is_array()) {
      value.push_back(convert(*found));
      return;
    }
    for (const Json& item : *found) value.push_back(convert(item));
  }

  const Json& node_;
  std::string where_;
  std::vector<std::string> known_;
};

class Dumper : public ConfigVisitor {
 public:
  void operator()(const char* name, bool& value, const Bound&, const char*) override {
    out[name] = value;
  }
  void operator()(const char* name, int64_t& value, const Bound&, const char*) override {
    out[name] = value;
  }
  void operator()(const char* name, double& value, const Bound&, const char*) override {
    out[name] = value;
  }
  void operator()(const char* name, std::string& value, const Bound&, const char*) override {
    out[name] = value;
  }
  void operator()(const char* name, std::vector<std::string>& value, const Bound&,
                  const char*) override {
    out[name] = value;
  }
  void operator()(const char* name, std::vector<double>& value, const Bound&,
                  const char*) override {
    out[name] = value;
  }
  void operator()(const char* name, std::vector<int64_t>& value, const Bound&,
                  const char*) override {
    out[name] = value;
  }
  void operator()(const char* name, Json& value, const Bound&, const char*) override {
    out[name] = value;
  }
  Json out = Json::object();

 protected:
  void nested(const char* name, const char*,
              const std::function<void(ConfigVisitor&)>& walk) override {
    Dumper inner;
    walk(inner);
    out[name] = std::move(inner.out);
  }
};

class Describer : public ConfigVisitor {
 public:
  explicit Describer(std::string prefix) : prefix_(std::move(prefix)) {}
  void operator()(const char* name, bool& value, const Bound& b, const char* help) override {
    add(name, "yes/no", value, b, help);
  }
  void operator()(const char* name, int64_t& value, const Bound& b, const char* help) override {
    add(name, "integer", value, b, help);
  }
  void operator()(const char* name, double& value, const Bound& b, const char* help) override {
    add(name, "number", value, b, help);
  }
  void operator()(const char* name, std::string& value, const Bound& b, const char* help) override {
    add(name, "text", value, b, help);
  }
  void operator()(const char* name, std::vector<std::string>& value, const Bound& b,
                  const char* help) override {
    add(name, "list", value, b, help);
  }
  void operator()(const char* name, std::vector<double>& value, const Bound& b,
                  const char* help) override {
    add(name, "list", value, b, help);
  }
  void operator()(const char* name, std::vector<int64_t>& value, const Bound& b,
                  const char* help) override {
    add(name, "list", value, b, help);
  }
  void operator()(const char* name, Json& value, const Bound& b, const char* help) override {
    add(name, "object", value, b, help);
  }
  std::vector<FieldDoc> docs;

 protected:
  void nested(const char* name, const char*,
              const std::function<void(ConfigVisitor&)>& walk) override {
    Describer inner(prefix_ + name + ".");
    walk(inner);
    docs.insert(docs.end(), inner.docs.begin(), inner.docs.end());
  }

 private:
  void add(const char* name, const char* type, const Json& value, const Bound& bound,
           const char* help) {
    std::string text = help;
    if (!bound.choices.empty()) text += fmt::format(" ({})", fmt::join(bound.choices, ", "));
    docs.push_back(
        {prefix_ + name, type, value.is_string() ? value.get<std::string>() : value.dump(), text});
  }
  std::string prefix_;
};

Json scalar_to_json(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
    return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9')
    return text;  // "007" is a name
  const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
  const char* end = text.data() + text.size();
  int64_t whole = 0;
  auto parsed_whole = std::from_chars(begin, end, whole);
  if (parsed_whole.ec == std::errc() && parsed_whole.ptr == end) return whole;
  double number = 0;
  auto parsed = std::from_chars(begin, end, number);
  if (parsed.ec == std::errc() && parsed.ptr == end && std::isfinite(number)) return number;
  return text;
}

Json yaml_to_json(const YAML::Node& node, const std::string& where, int depth) {
  BRAID_CHECK(depth < 64, config, "{}: expected at most 64 nested levels", where);
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return scalar_to_json(node);
    case YAML::NodeType::Sequence: {
      Json list = Json::array();
      for (const YAML::Node& item : node) list.push_back(yaml_to_json(item, where, depth + 1));
      return list;
    }
    case YAML::NodeType::Map: {
      Json object = Json::object();
      for (const auto& item : node) {
        BRAID_CHECK(item.first.IsScalar(), config, "{}:{}: expected a plain key", where,
                    item.first.Mark().line + 1);
        const std::string name = item.first.Scalar();
        BRAID_CHECK(!object.contains(name), config, "{}:{}: key '{}' stands twice; remove one",
                    where, item.first.Mark().line + 1, name);
        object[name] = yaml_to_json(item.second, where, depth + 1);
      }
      return object;
    }
    default:
      return nullptr;
  }
}

}  // namespace

void detail::read_config(const Json& node, const std::string& where, const ConfigWalk& walk) {
  Reader reader(node, where);
  walk(reader);
  reader.finish();
}

Json detail::dump_config(const ConfigWalk& walk) {
  Dumper dumper;
  walk(dumper);
  return std::move(dumper.out);
}

std::vector<FieldDoc> detail::describe_config(const ConfigWalk& walk) {
  Describer describer("");
  walk(describer);
  return std::move(describer.docs);
}

Json parse_yaml(const std::string& text, const std::string& where) {
  try {
    return yaml_to_json(YAML::Load(text), where, 0);
  } catch (const YAML::Exception& e) {
    fail(ErrorKind::config, "{}:{}: expected YAML: {}", where, e.mark.line + 1, e.msg);
  }
}

void apply_override(Json& node, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  BRAID_CHECK(equals != std::string::npos && equals > 0, usage, "'{}': expected key=value",
              assignment);
  Json* target = &node;
  std::string key = assignment.substr(0, equals);
  for (size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.')) {
    target = &(*target)[key.substr(0, dot)];
    BRAID_CHECK(target->is_object() || target->is_null(), config, "'{}': '{}' is not an object",
                assignment, key.substr(0, dot));
    key.erase(0, dot + 1);
  }
  BRAID_CHECK(!key.empty(), usage, "'{}': expected key=value", assignment);
  (*target)[key] = parse_yaml(assignment.substr(equals + 1), assignment);
}

}  // namespace braid
