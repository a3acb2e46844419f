#include "report/json_values.h"

#include <fmt/format.h>

#include <vector>

#include "report/html.h"

namespace braid::report {

double number_of(const Json& value) { return value.is_number() ? value.get<double>() : kAbsent; }

Value value_of(const Json& node) {
  return {number_of(node.at("mean")), number_of(node.at("interval").at(0)),
          number_of(node.at("interval").at(1))};
}

std::string joined_names(const Json& names) {
  const auto all = names.get<std::vector<std::string>>();
  return all.empty() ? "none" : fmt::format("{}", fmt::join(all, " + "));
}

std::string about_html(const Json& document) {
  const auto text = [&document](const char* key) {
    return escape(document.at(key).get<std::string>());
  };
  return fmt::format(
      "<p class=\"soft\">{} &middot; {} &middot; {} rows &middot; fusion {} &middot; Braid "
      "{}</p>\n",
      text("bundle"), text("manifest"), document.at("rows").get<int64_t>(), text("fusion"),
      text("braid"));
}

}  // namespace braid::report
