#include "train/config.h"

namespace braid::train {

ExperimentConfig read_experiment(const std::string& yaml, const std::string& where,
                                 const std::vector<std::string>& overrides) {
  Json node = yaml.empty() ? Json::object() : parse_yaml(yaml, where);
  if (node.is_null()) node = Json::object();
  for (const std::string& assignment : overrides) apply_override(node, assignment);
  ExperimentConfig config;
  read_config(node, "", config);
  return config;
}

}  // namespace braid::train
