// A config field is declared once, in visit(); from it come default, parsing, bounds, help, dump
// and docs.
#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "core/json.h"

namespace braid {

/// What a field's value may be.
struct Bound {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices;  // for strings; empty = any
};
Bound any();
Bound at_least(double low);
Bound between(double low, double high);
Bound one_of(std::vector<std::string> choices);

/// Walks the fields of a config struct. A struct takes part by
/// `template <class V> void visit(V& v) { v("epochs", epochs, at_least(1), "passes over ..."); }`;
/// a member that has visit() itself is a nested object: `v("image", image, any(), "...")`.
class ConfigVisitor {
 public:
  virtual ~ConfigVisitor() = default;
  virtual void operator()(const char* name, bool& value, const Bound&, const char* help) = 0;
  virtual void operator()(const char* name, int64_t& value, const Bound&, const char* help) = 0;
  virtual void operator()(const char* name, double& value, const Bound&, const char* help) = 0;
  virtual void operator()(const char* name, std::string& value, const Bound&, const char* help) = 0;
  virtual void operator()(const char* name, std::vector<std::string>& value, const Bound&,
                          const char* help) = 0;
  virtual void operator()(const char* name, std::vector<double>& value, const Bound&,
                          const char* help) = 0;
  virtual void operator()(const char* name, std::vector<int64_t>& value, const Bound&,
                          const char* help) = 0;
  /// Any JSON value, checked by whoever owns its meaning (a method's own keys).
  virtual void operator()(const char* name, Json& value, const Bound&, const char* help) = 0;
  template <class C>
  auto operator()(const char* name, C& value, const Bound&, const char* help)
      -> decltype(value.visit(*this)) {
    nested(name, help, [&value](ConfigVisitor& inner) { value.visit(inner); });
  }

 protected:
  virtual void nested(const char* name, const char* help,
                      const std::function<void(ConfigVisitor&)>& walk) = 0;
};

using ConfigWalk = std::function<void(ConfigVisitor&)>;

/// One line of help: dotted name, default as text, what it means.
struct FieldDoc {
  std::string name, type, default_value, help;
};

namespace detail {
void read_config(const Json& node, const std::string& where, const ConfigWalk& walk);
Json dump_config(const ConfigWalk& walk);
std::vector<FieldDoc> describe_config(const ConfigWalk& walk);
}  // namespace detail

/// Fills `config` from a JSON object. Errors: config, for an unknown key (with the nearest known
/// one), a wrong type or a value out of bounds; `where` (as "fusion.hidden") opens the message.
template <class C>
void read_config(const Json& node, const std::string& where, C& config) {
  detail::read_config(node, where, [&config](ConfigVisitor& v) { config.visit(v); });
}
/// The full effective config, every field.
template <class C>
Json dump_config(C config) {
  return detail::dump_config([&config](ConfigVisitor& v) { config.visit(v); });
}
template <class C>
std::vector<FieldDoc> describe_config() {
  C config;
  return detail::describe_config([&config](ConfigVisitor& v) { config.visit(v); });
}

/// YAML text to JSON (scalars: null, true/false, decimal numbers, text; quoted is text). Errors:
/// config, with line.
Json parse_yaml(const std::string& text, const std::string& where);
/// Sets `key=value` (dotted key, YAML value) in `node`. Errors: usage for a malformed assignment.
void apply_override(Json& node, const std::string& assignment);

}  // namespace braid
