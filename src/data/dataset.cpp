#include "data/dataset.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <unordered_map>

#include "core/file.h"
#include "data/cells.h"
#include "data/column_facts.h"
#include "data/infer.h"
#include "data/leak.h"
#include "data/targets.h"

namespace braid::data {
namespace {

const Modality* modality_of(const std::vector<Modality>& modalities, const std::string& field) {
  for (const Modality& modality : modalities)
    if (modality.name == field && modality.kind != Kind::tabular) return &modality;
  return nullptr;
}

struct NumberColumn {
  std::string name;
  bool is_target = false;
  bool is_part = false;  // of an embedding
};

std::string bad_number(const NumberColumn& column, NumberCell cell, std::string_view text) {
  if (cell == NumberCell::not_finite)
    return fmt::format(
        "column \"{}\": expected a finite number, got \"{}\"; leave the cell empty where the value "
        "is missing",
        column.name, text);
  if (column.is_target)
    return fmt::format(
        "column \"{}\": target: expected a finite number, got \"{}\"; correct the cell or leave it "
        "empty",
        column.name, text);
  if (column.is_part)
    return fmt::format(
        "column \"{}\": expected a number, got \"{}\"; correct the cell or leave the column out of "
        "embeddings",
        column.name, text);
  return fmt::format(
      "column \"{}\": expected a number, got \"{}\"; correct the cell or set kinds.{}=category",
      column.name, text, column.name);
}

// Some column must be there, or nothing could be predicted from the manifest.
void check_some_column(const formats::Table& table, const std::vector<Modality>& modalities) {
  std::vector<std::string> expected;
  for (const Modality& modality : modalities)
    for (const std::string& column : modality.fields) {
      if (table.column(column) >= 0) return;
      expected.push_back(column);
    }
  fail(ErrorKind::data,
       "{}: expected one of the columns {}, got {}; rename the columns as the model knows them",
       table.name(), fmt::join(expected, ", "), fmt::join(table.columns(), ", "));
}

}  // namespace

void Dataset::read_manifest(const std::string& path) {
  table_ = formats::read_table(path);
  fingerprint_ = fmt::format("{:016x}", hash_bytes(read_file(path)));
  folder_ = std::filesystem::path(path).parent_path().string();
  BRAID_CHECK(size() > 0, data, "{}: expected one row per sample, got the header alone; add rows",
              path);
  for (size_t i = 0; i < table_.columns().size(); ++i)
    columns_.emplace(table_.columns()[i], static_cast<int64_t>(i));
}

void Dataset::leave_out_bad_rows(const Sinks& sinks) {
  std::vector<NumberColumn> numbers;
  for (const Field& field : fields_) {
    const Modality* modality = modality_of(modalities_, field.name);
    if (field.kind == Kind::numeric) numbers.push_back({field.name, false, false});
    if (modality == nullptr || modality->kind != Kind::embedding ||
        modality->fields[0] == field.name)
      continue;
    for (const std::string& column : modality->fields) numbers.push_back({column, false, true});
  }
  if (table_.column(config_.target) >= 0 && config_.task != "multilabel") {
    // A nan between numbers is a missing value written badly, never a class of its own.
    const ColumnFacts facts = look_at_column(table_, table_.column(config_.target));
    if (config_.task == "regression" || facts.num_numbers == facts.num_filled)
      numbers.push_back({config_.target, true, false});
  }
  std::vector<int64_t> good;
  for (int64_t row = 0; row < size(); ++row) {
    std::string message;
    for (const NumberColumn& column : numbers) {
      double value = 0;
      const std::string_view text = cell(row, column.name);
      const NumberCell kind = read_number(text, &value);
      if (kind == NumberCell::number || kind == NumberCell::empty) continue;
      message = fmt::format("{}: {}", where(row), bad_number(column, kind, text));
      break;
    }
    if (message.empty()) {
      good.push_back(row);
      continue;
    }
    BRAID_CHECK(config_.skip_bad, data, "{}", message);
    sinks.warn(message + " (row left out)");
    skipped_.push_back(std::move(message));
  }
  BRAID_CHECK(!good.empty(), data, "{}: every row is bad, the first: {}", manifest(),
              skipped_.front());
  if (skipped_.empty()) return;
  table_ = table_.only(good);
}

void Dataset::number_groups() {
  if (config_.group.empty()) return;
  std::unordered_map<std::string, int64_t> numbers;
  int64_t next = 0;
  for (int64_t row = 0; row < size(); ++row) {
    const std::string name(trimmed(cell(row, config_.group)));
    if (name.empty()) {
      groups_.push_back(next++);
      continue;
    }
    const auto [found, is_new] = numbers.emplace(name, next);
    if (is_new) ++next;
    groups_.push_back(found->second);
  }
}

Dataset Dataset::open(const DatasetConfig& config, const Sinks& sinks) {
  Dataset dataset;
  dataset.config_ = config;
  dataset.read_manifest(config.manifest);
  Inferred inferred = infer_columns(dataset.table_, config, sinks);
  dataset.fields_ = std::move(inferred.fields);
  dataset.modalities_ = std::move(inferred.modalities);
  dataset.inferences_ = std::move(inferred.inferences);
  dataset.leave_out_bad_rows(sinks);
  dataset.targets_ = config.target.empty()
                         ? read_targets_like(dataset.table_, "", metrics::Task::multiclass, {})
                         : read_targets(dataset.table_, config.target, config.task, sinks);
  dataset.number_groups();
  for (const Leak& leak : find_leaks(dataset)) sinks.warn(leak.message);
  return dataset;
}

Dataset Dataset::open_like(const std::string& manifest, const std::vector<Field>& fields,
                           const std::vector<Modality>& modalities, const std::string& target,
                           metrics::Task task, const std::vector<std::string>& labels,
                           const Sinks& sinks, bool skip_bad) {
  Dataset dataset;
  dataset.config_.manifest = manifest;
  dataset.config_.task = metrics::to_string(task);
  dataset.config_.skip_bad = skip_bad;
  dataset.fields_ = fields;
  dataset.modalities_ = modalities;
  dataset.read_manifest(manifest);
  if (dataset.table_.column(target) >= 0) dataset.config_.target = target;
  check_some_column(dataset.table_, modalities);
  std::set<std::string> inputs;
  for (const Modality& modality : modalities)
    inputs.insert(modality.fields.begin(), modality.fields.end());
  for (const std::string& column : dataset.table_.columns()) {
    const bool is_input = inputs.count(column) != 0;
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& f) { return f.name == column; });
    const Kind kind = field != fields.end() ? field->kind : is_input ? Kind::numeric : Kind::text;
    dataset.inferences_.push_back({column,
                                   is_input           ? "field"
                                   : column == target ? "target"
                                                      : "ignored",
                                   kind,
                                   is_input           ? "as the model was trained"
                                   : column == target ? "named as the target"
                                                      : "not known to the model"});
  }
  for (const std::string& column : inputs)
    if (dataset.table_.column(column) < 0)
      sinks.warn(fmt::format("{}: column \"{}\" is not there; its values count as missing",
                             manifest, column));
  dataset.leave_out_bad_rows(sinks);
  dataset.targets_ = read_targets_like(dataset.table_, target, task, labels);
  return dataset;
}

Value Dataset::value(int64_t row, const Field& field) const {
  const Modality* modality = modality_of(modalities_, field.name);
  if (field.kind == Kind::embedding && modality != nullptr && modality->fields[0] != field.name) {
    std::vector<float> vector;
    for (const std::string& column : modality->fields) {
      double number = 0;
      if (read_number(cell(row, column), &number) != NumberCell::number) return {};
      vector.push_back(static_cast<float>(number));
    }
    return vector;
  }
  const std::string_view text = cell(row, field.name);
  const std::string_view core = trimmed(text);
  if (core.empty()) return {};
  double number = 0;
  switch (field.kind) {
    case Kind::numeric:
      if (read_number(core, &number) == NumberCell::number) return number;
      return {};
    case Kind::category:
      return std::string(core);
    case Kind::image:
    case Kind::audio:
    case Kind::video:
    case Kind::series:
    case Kind::volume:
    case Kind::embedding:
      return Path{join_path(folder_, std::string(core))};
    default:
      return std::string(text);
  }
}

Sample Dataset::sample(int64_t row) const {
  Sample sample;
  sample.where = where(row);
  for (const Field& field : fields_) {
    Value found = value(row, field);
    if (!std::holds_alternative<std::monostate>(found))
      sample.values.emplace(field.name, std::move(found));
  }
  return sample;
}

std::string_view Dataset::cell(int64_t row, const std::string& column) const {
  const auto found = columns_.find(column);
  return found == columns_.end() ? std::string_view() : table_.cell(row, found->second);
}

std::string Dataset::where(int64_t row) const {
  return fmt::format("{}:{}", table_.name(), table_.line(row));
}

}  // namespace braid::data
