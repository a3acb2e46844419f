// Finding a registered method by name in its family's generated table.
#pragma once
#include <string>
#include <vector>

#include "core/error.h"

namespace braid {

/// The names of a table, in table order. `Method` has a member `name`.
template <class Method>
std::vector<std::string> method_names(const std::vector<const Method*>& table) {
  std::vector<std::string> names;
  for (const Method* method : table) names.emplace_back(method->name);
  return names;
}

/// Errors: config, with the nearest known name.
template <class Method>
const Method& find_method(const std::vector<const Method*>& table, const std::string& family,
                          const std::string& name) {
  for (const Method* method : table)
    if (name == method->name) return *method;
  throw Error(ErrorKind::config, unknown_name(family, name, method_names(table)));
}

}  // namespace braid
