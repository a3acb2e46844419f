// The labelled rows of a manifest that a bundle is measured or explained on.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "core/log.h"
#include "data/dataset.h"
#include "model/bundle.h"

namespace braid::tensor_verbs {

/// --split and --group.
struct RowFlags {
  std::string split, group;
  void add(cli::Command* command);
};

/// Whether a cell of the split column means `wanted`: "val" means "validation" too, as in training;
/// other words mean themselves.
bool is_of_split(std::string_view cell, const std::string& wanted);

struct LabelledRows {
  data::Dataset dataset;
  std::vector<int64_t> rows;    // (N) of the dataset
  std::vector<int64_t> groups;  // (N), or empty without --group
};

/// Errors   data: no target column, no split or group column of that name, no labelled rows; as
/// Dataset::open_like.
LabelledRows open_labelled(const model::Bundle& bundle, const std::string& manifest,
                           const RowFlags& flags, const Sinks& sinks);

/// How a document about a bundle begins: version, command line, bundle, manifest, target, task and
/// fusion. `words`: bundle and manifest as given.
Json describe_run(const std::string& verb, const std::vector<std::string>& args,
                  const model::Bundle& bundle, const std::vector<std::string>& words);

}  // namespace braid::tensor_verbs
