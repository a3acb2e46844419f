#include "data/inspect.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "data/cells.h"
#include "data/findings.h"
#include "data/survey.h"

namespace braid::data {
namespace {

using Media = std::vector<std::vector<Surveyed>>;

Json spread_of(std::vector<double> values) {
  if (values.empty()) return nullptr;
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
  return {{"min", values.front()}, {"median", median}, {"max", values.back()}};
}

// How often each value of a figure occurs, keys as text in order of the numbers.
Json counts_of(const std::vector<double>& values) {
  std::map<double, int64_t> counts;
  for (const double value : values) ++counts[value];
  Json result = Json::object();
  for (const auto& [value, count] : counts) result[fmt::format("{}", value)] = count;
  return result;
}

Json describe_cells(Kind kind, const std::vector<Surveyed>& cells) {
  auto gather = [&](double Surveyed::*member) {
    std::vector<double> values;
    for (const Surveyed& cell : cells)
      if (cell.is_readable) values.push_back(cell.*member);
    return values;
  };
  Json node = Json::object();
  if (kind != Kind::text)
    node["unreadable"] = std::count_if(cells.begin(), cells.end(), [](const Surveyed& c) {
      return c.is_present && !c.is_readable;
    });
  if (kind == Kind::text) {
    node["words"] = spread_of(gather(&Surveyed::width));
  } else if (kind == Kind::image) {
    node["width"] = spread_of(gather(&Surveyed::width));
    node["height"] = spread_of(gather(&Surveyed::height));
    node["channels"] = counts_of(gather(&Surveyed::channels));
  } else if (kind == Kind::volume) {
    node["width"] = spread_of(gather(&Surveyed::width));
    node["height"] = spread_of(gather(&Surveyed::height));
    node["slices"] = spread_of(gather(&Surveyed::channels));
  } else if (kind == Kind::video) {
    node["width"] = spread_of(gather(&Surveyed::width));
    node["height"] = spread_of(gather(&Surveyed::height));
    node["duration_s"] = spread_of(gather(&Surveyed::duration_s));
    node["rate_hz"] = counts_of(gather(&Surveyed::rate_hz));
  } else if (kind == Kind::series) {
    node["channels"] = counts_of(gather(&Surveyed::channels));
    node["measurements"] = spread_of(gather(&Surveyed::height));
    node["duration_s"] = spread_of(gather(&Surveyed::duration_s));
    node["rate_hz"] = spread_of(gather(&Surveyed::rate_hz));
  } else if (kind == Kind::audio) {
    node["duration_s"] = spread_of(gather(&Surveyed::duration_s));
    node["rate_hz"] = counts_of(gather(&Surveyed::rate_hz));
    node["channels"] = counts_of(gather(&Surveyed::channels));
  } else {
    node["values"] = counts_of(gather(&Surveyed::width));
    node["tokens"] = spread_of(gather(&Surveyed::height));
  }
  return node;
}

// [modality][row]: is any of the modality's fields filled?
std::vector<std::vector<uint8_t>> presence_of(const Dataset& dataset) {
  std::vector<std::vector<uint8_t>> present(dataset.modalities().size(),
                                            std::vector<uint8_t>(dataset.size(), 0));
  for (size_t m = 0; m < present.size(); ++m) {
    const Modality& modality = dataset.modalities()[m];
    const bool needs_all = modality.kind == Kind::embedding;
    for (int64_t row = 0; row < dataset.size(); ++row) {
      size_t num_filled = 0;
      for (const std::string& column : modality.fields)
        num_filled += trimmed(dataset.cell(row, column)).empty() ? 0 : 1;
      present[m][row] = needs_all ? num_filled == modality.fields.size() : num_filled > 0;
    }
  }
  return present;
}

Json describe_table(const Dataset& dataset, const Modality& modality) {
  Json columns = Json::array();
  for (const std::string& column : modality.fields) {
    std::vector<double> numbers;
    std::map<std::string, int64_t> words;
    bool is_numeric = modality.kind == Kind::embedding;
    for (const Field& field : dataset.fields())
      if (field.name == column) is_numeric = field.kind == Kind::numeric;
    int64_t num_filled = 0;
    for (int64_t row = 0; row < dataset.size(); ++row) {
      const std::string_view cell = trimmed(dataset.cell(row, column));
      double value = 0;
      if (cell.empty()) continue;
      ++num_filled;
      if (is_numeric && read_number(cell, &value) == NumberCell::number)
        numbers.push_back(value);
      else
        ++words[std::string(cell)];
    }
    Json node = {{"column", column}, {"missing", dataset.size() - num_filled}};
    if (is_numeric)
      node["numbers"] = spread_of(numbers);
    else
      node["different"] = words.size();
    columns.push_back(std::move(node));
  }
  return columns;
}

Json describe_modalities(const Dataset& dataset, const Media& media,
                         const std::vector<std::vector<uint8_t>>& present) {
  Json list = Json::array();
  for (size_t m = 0; m < media.size(); ++m) {
    const Modality& modality = dataset.modalities()[m];
    const int64_t num_present = std::count(present[m].begin(), present[m].end(), 1);
    Json node = {{"name", modality.name},
                 {"kind", to_string(modality.kind)},
                 {"fields", modality.fields},
                 {"present", num_present},
                 {"missing", dataset.size() - num_present}};
    if (media[m].empty())
      node["columns"] = describe_table(dataset, modality);
    else
      node.update(describe_cells(modality.kind, media[m]));
    list.push_back(std::move(node));
  }
  return list;
}

Json describe_combinations(const Dataset& dataset,
                           const std::vector<std::vector<uint8_t>>& present) {
  std::map<std::vector<uint8_t>, int64_t> counts;
  for (int64_t row = 0; row < dataset.size(); ++row) {
    std::vector<uint8_t> key;
    for (const auto& rows : present) key.push_back(rows[row]);
    ++counts[key];
  }
  std::vector<std::pair<int64_t, std::vector<uint8_t>>> sorted;
  for (const auto& [key, count] : counts) sorted.emplace_back(count, key);
  std::sort(sorted.rbegin(), sorted.rend());
  Json list = Json::array();
  for (const auto& [count, key] : sorted) {
    Json names = Json::array();
    for (size_t m = 0; m < key.size(); ++m)
      if (key[m]) names.push_back(dataset.modalities()[m].name);
    list.push_back({{"modalities", names}, {"rows", count}});
  }
  return list;
}

Json class_counts(const Dataset& dataset, const std::vector<int64_t>& rows) {
  const Targets& targets = dataset.targets();
  const size_t num_labels = targets.labels.size();
  std::vector<int64_t> counts(num_labels, 0);
  for (const int64_t row : rows) {
    if (!targets.known[row]) continue;
    if (targets.task != metrics::Task::multilabel) {
      ++counts[static_cast<size_t>(targets.values[row])];
      continue;
    }
    for (size_t k = 0; k < num_labels; ++k) counts[k] += targets.values[row * num_labels + k] != 0;
  }
  Json node = Json::object();
  for (size_t k = 0; k < num_labels; ++k) node[targets.labels[k]] = counts[k];
  return node;
}

Json describe_target(const Dataset& dataset) {
  if (dataset.config().target.empty()) return nullptr;
  const Targets& targets = dataset.targets();
  std::vector<int64_t> rows;
  std::vector<double> values;
  for (int64_t row = 0; row < dataset.size(); ++row) {
    if (!targets.known[row]) continue;
    rows.push_back(row);
    if (targets.task == metrics::Task::regression) values.push_back(targets.values[row]);
  }
  Json node = {{"column", dataset.config().target},
               {"task", metrics::to_string(targets.task)},
               {"known", rows.size()},
               {"unknown", dataset.size() - static_cast<int64_t>(rows.size())}};
  if (targets.task == metrics::Task::regression)
    node["numbers"] = spread_of(values);
  else
    node["classes"] = class_counts(dataset, rows);
  return node;
}

Json describe_splits(const Dataset& dataset, const std::vector<Split>& splits) {
  Json list = Json::array();
  for (const Split& split : splits) {
    Json node = Json::object();
    const std::pair<const char*, const std::vector<int64_t>*> parts[] = {
        {"train", &split.train}, {"validation", &split.validation}, {"test", &split.test}};
    for (const auto& [name, rows] : parts) {
      node[name] = {{"rows", rows->size()}};
      if (dataset.targets().task != metrics::Task::regression)
        node[name]["classes"] = class_counts(dataset, *rows);
    }
    list.push_back(std::move(node));
  }
  return list;
}

// A split that cannot be made, or only with a warning, is a finding rather than the end.
std::vector<Split> try_splits(const Dataset& dataset, const SplitConfig& config,
                              Findings* findings) {
  if (dataset.config().target.empty()) return {};
  std::vector<std::string> warnings;
  Sinks sinks;
  sinks.log = [&](LogLevel level, const std::string& line) {
    if (level == LogLevel::warning) warnings.push_back(line);
  };
  std::vector<Split> splits;
  try {
    splits = make_splits(dataset, config, sinks);
  } catch (const Error& e) {
    findings->add("split", e.what(), "without a split nothing can be trained");
  }
  for (const std::string& warning : warnings)
    findings->add("split", warning, "check that this is meant");
  return splits;
}

}  // namespace

Json inspect(const Dataset& dataset, const SplitConfig& split, int num_threads,
             const Sinks& sinks) {
  Findings findings;
  const Media media = survey(dataset, num_threads, sinks);
  const std::vector<std::vector<uint8_t>> present = presence_of(dataset);
  const std::vector<Split> splits = try_splits(dataset, split, &findings);
  const bool is_fold = splits.size() > 1;
  find_in_media(dataset, media, sides_of(dataset.size(), splits), is_fold, &findings);
  find_in_table(dataset, present, &findings);

  Json columns = Json::array();
  for (const Inference& inference : dataset.inferences())
    columns.push_back(
        {{"column", inference.column},
         {"use", inference.use},
         {"kind", inference.use == "field" ? Json(to_string(inference.kind)) : Json(nullptr)},
         {"reason", inference.reason}});
  int64_t num_groups = 0;
  for (const int64_t group : dataset.groups()) num_groups = std::max(num_groups, group + 1);
  return {{"manifest", dataset.manifest()},
          {"fingerprint", dataset.fingerprint()},
          {"rows", dataset.size()},
          {"rows_left_out", dataset.skipped().size()},
          {"groups", dataset.groups().empty() ? Json(nullptr) : Json(num_groups)},
          {"has_findings", !findings.list().empty()},
          {"findings", findings.list()},
          {"columns", columns},
          {"modalities", describe_modalities(dataset, media, present)},
          {"combinations", describe_combinations(dataset, present)},
          {"target", describe_target(dataset)},
          {"splits", describe_splits(dataset, splits)}};
}

}  // namespace braid::data
