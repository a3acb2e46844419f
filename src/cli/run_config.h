// The config of a run, as verbs read it from their words.
#pragma once
#include <string>
#include <vector>

#include "core/config.h"
#include "core/error.h"

namespace braid::cli {

/// What `first` (a YAML or JSON file, or a manifest) and key=value `overrides` say, unchecked.
/// Errors: config, io, format, usage.
Json read_run_values(const std::string& first, const std::vector<std::string>& overrides);

bool is_yaml(const std::string& path);

/// The same, read into a config struct. Errors: as above; config with the file's name before it.
template <class Config>
Config read_run_config(const std::string& first, const std::vector<std::string>& overrides) {
  const Json values = read_run_values(first, overrides);
  Config config;
  try {
    read_config(values, "", config);
  } catch (const Error& e) {
    if (is_yaml(first)) rethrow_with(e, first);
    throw;
  }
  return config;
}

}  // namespace braid::cli
