#include "cli/run_config.h"

#include <filesystem>

#include "core/file.h"

namespace braid::cli {
namespace {

bool has_suffix(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

}  // namespace

bool is_yaml(const std::string& path) {
  return has_suffix(path, ".yaml") || has_suffix(path, ".yml");
}

Json read_run_values(const std::string& first, const std::vector<std::string>& overrides) {
  Json node = Json::object();
  if (is_yaml(first)) {
    node = parse_yaml(read_file(first), first);
    if (node.is_null()) node = Json::object();
    BRAID_CHECK(node.is_object(), config, "{}: expected an object, got {}", first, node.dump());
    // A manifest is relative to the config that names it.
    if (node.contains("data") && node["data"].is_object() && node["data"].contains("manifest") &&
        node["data"]["manifest"].is_string()) {
      const std::string manifest = node["data"]["manifest"].get<std::string>();
      node["data"]["manifest"] =
          join_path(std::filesystem::path(first).parent_path().string(), manifest);
    }
  } else if (has_suffix(first, ".json")) {
    node = parse_json(read_file(first), first);
  } else {
    node["data"]["manifest"] = first;
  }
  for (const std::string& assignment : overrides) apply_override(node, assignment);
  return node;
}

}  // namespace braid::cli
