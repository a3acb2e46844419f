#include "tensor_verbs/labelled_rows.h"

#include <map>

#include "core/error.h"
#include "core/version.h"
#include "data/cells.h"
#include "data/split.h"

namespace braid::tensor_verbs {

bool is_of_split(std::string_view cell, const std::string& wanted) {
  const int side = data::side_of(wanted);
  return side >= 0 ? data::side_of(cell) == side : data::trimmed(cell) == data::trimmed(wanted);
}

void RowFlags::add(cli::Command* command) {
  command->option("--split", split, "only rows whose split column says so; left out = all", "Data")
      ->type_name("NAME");
  command->option("--group", group, "column whose rows belong together in the intervals", "Data")
      ->type_name("COL");
}

LabelledRows open_labelled(const model::Bundle& bundle, const std::string& manifest,
                           const RowFlags& flags, const Sinks& sinks) {
  LabelledRows made{data::Dataset::open_like(
                        manifest, bundle.preparation.fields(), bundle.preparation.modalities(),
                        bundle.target, bundle.model->head_context().task, bundle.labels, sinks),
                    {},
                    {}};
  const data::Dataset& dataset = made.dataset;
  BRAID_CHECK(dataset.table().column(bundle.target) >= 0, data,
              "{}: expected the target column \"{}\", which is not there; use 'braid predict' for "
              "unlabelled rows",
              manifest, bundle.target);
  BRAID_CHECK(flags.group.empty() || dataset.table().column(flags.group) >= 0, data, "{}",
              manifest + ": " + unknown_name("column", flags.group, dataset.table().columns()));
  BRAID_CHECK(flags.split.empty() || dataset.table().column("split") >= 0, data,
              "{}: expected a column \"split\" for --split {}, got none", manifest, flags.split);
  std::map<std::string, int64_t> numbers;  // of groups
  for (int64_t row = 0; row < dataset.size(); ++row) {
    if (!dataset.targets().known[static_cast<size_t>(row)]) continue;
    if (!flags.split.empty() && !is_of_split(dataset.cell(row, "split"), flags.split)) continue;
    made.rows.push_back(row);
    if (flags.group.empty()) continue;
    const auto next = static_cast<int64_t>(numbers.size());
    made.groups.push_back(numbers.emplace(dataset.cell(row, flags.group), next).first->second);
  }
  BRAID_CHECK(!made.rows.empty(), data, "{}: expected labelled rows{}, got none", manifest,
              flags.split.empty() ? "" : " with split " + flags.split);
  return made;
}

Json describe_run(const std::string& verb, const std::vector<std::string>& args,
                  const model::Bundle& bundle, const std::vector<std::string>& words) {
  return {{"braid", BRAID_VERSION},
          {"command", cli::command_line(verb, args)},
          {"bundle", words[0]},
          {"manifest", words[1]},
          {"target", bundle.target},
          {"task", metrics::to_string(bundle.model->head_context().task)},
          {"fusion", bundle.model->fusion_method().name}};
}

}  // namespace braid::tensor_verbs
