#include "data/targets.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

#include "data/cells.h"

namespace braid::data {
namespace {

using metrics::Task;
constexpr int64_t kMaxClasses = 1000;

std::string cell_of(const formats::Table& table, int64_t row, int64_t column) {
  return std::string(trimmed(table.cell(row, column)));
}

// Every value (or label, where cells hold lists) once, in order of first appearance; stops early
// once there are too many.
std::vector<std::string> distinct_values(const formats::Table& table, int64_t column,
                                         bool is_list) {
  std::vector<std::string> values;
  std::unordered_set<std::string> seen;
  for (int64_t row = 0; row < table.num_rows(); ++row) {
    const std::string cell = cell_of(table, row, column);
    if (cell.empty()) continue;
    for (std::string& value : is_list ? split_labels(cell) : std::vector<std::string>{cell})
      if (seen.insert(value).second) values.push_back(std::move(value));
  }
  return values;
}

Task infer_task(const std::vector<std::string>& values) {
  bool is_numeric = true, is_whole = true;
  for (const std::string& text : values) {
    if (text.find(';') != std::string::npos) return Task::multilabel;
    double value = 0;
    const NumberCell cell = read_number(text, &value);
    is_numeric = is_numeric && cell != NumberCell::text;
    is_whole = is_whole && cell == NumberCell::number && data::is_whole(value);
  }
  if (is_numeric && values.size() > (is_whole ? 50u : 20u)) return Task::regression;
  return values.size() == 2 ? Task::binary : Task::multiclass;
}

double read_regression(const formats::Table& table, int64_t row, const std::string& column,
                       const std::string& cell) {
  double value = 0;
  const NumberCell kind = read_number(cell, &value);
  BRAID_CHECK(kind == NumberCell::number, data,
              "{}:{}: column \"{}\": target: expected a finite number, got \"{}\"; correct the "
              "cell or leave it empty",
              table.name(), table.line(row), column, cell);
  return value;
}

// The number of a label, also where the same number is written otherwise ("1.0" for "1").
class LabelIndex {
 public:
  explicit LabelIndex(const std::vector<std::string>& labels) : labels_(labels) {
    for (size_t i = 0; i < labels.size(); ++i) {
      by_text_.emplace(labels[i], i);
      double value = 0;
      if (read_number(labels[i], &value) == NumberCell::number)
        by_value_.emplace(value, i);
      else
        is_numeric_ = false;
    }
  }
  size_t find(const formats::Table& table, int64_t row, const std::string& column,
              const std::string& label) const {
    const auto text = by_text_.find(label);
    if (text != by_text_.end()) return text->second;
    double value = 0;
    if (is_numeric_ && read_number(label, &value) == NumberCell::number) {
      const auto number = by_value_.find(value);
      if (number != by_value_.end()) return number->second;
    }
    fail(ErrorKind::data, "{}:{}: column \"{}\": target: {}; correct the cell or leave it empty",
         table.name(), table.line(row), column, unknown_name("class", label, labels_));
  }

 private:
  const std::vector<std::string>& labels_;
  std::map<std::string, size_t> by_text_;
  std::map<double, size_t> by_value_;
  bool is_numeric_ = true;
};

void check_labels(const formats::Table& table, const std::string& column, Task task,
                  const std::vector<std::string>& labels) {
  const int64_t num = static_cast<int64_t>(labels.size());
  if (task == Task::regression) return;
  BRAID_CHECK(num > 1, data,
              "{}: column \"{}\": target: expected at least 2 classes, got one ('{}'); there is "
              "nothing to learn",
              table.name(), column, labels.front());
  BRAID_CHECK(
      num <= kMaxClasses, data,
      "{}: column \"{}\": target: expected at most {} classes, got {}; is it an id, or a number to "
      "predict (task=regression)?",
      table.name(), column, kMaxClasses, num);
  BRAID_CHECK(task != Task::binary || num == 2, data,
              "{}: column \"{}\": target: task binary: expected 2 classes, got {} ({}{}); set "
              "task=multiclass",
              table.name(), column, num,
              fmt::join(labels.begin(), labels.begin() + std::min<int64_t>(num, 5), ", "),
              num > 5 ? ", ..." : "");
}

void check_varies(const formats::Table& table, const std::string& column, const Targets& targets) {
  if (targets.task != Task::regression) return;
  double low = INFINITY, high = -INFINITY;
  for (size_t row = 0; row < targets.known.size(); ++row) {
    if (!targets.known[row]) continue;
    low = std::min(low, targets.values[row]);
    high = std::max(high, targets.values[row]);
  }
  BRAID_CHECK(low < high, data,
              "{}: column \"{}\": target: expected numbers that differ, got {} in every row; there "
              "is nothing to learn",
              table.name(), column, low);
}

}  // namespace

int64_t Targets::num_outputs() const {
  return task == Task::regression ? 1 : static_cast<int64_t>(labels.size());
}

Targets read_targets_like(const formats::Table& table, const std::string& column, Task task,
                          const std::vector<std::string>& labels) {
  Targets targets;
  targets.task = task;
  targets.labels = labels;
  const size_t num_rows = static_cast<size_t>(table.num_rows());
  const size_t width = task == Task::multilabel ? labels.size() : 1;
  targets.values.assign(num_rows * width, 0.0);
  targets.known.assign(num_rows, 0);
  const int64_t index = column.empty() ? -1 : table.column(column);
  if (index < 0) return targets;
  const LabelIndex known_labels(labels);
  for (size_t row = 0; row < num_rows; ++row) {
    const std::string cell = cell_of(table, row, index);
    if (cell.empty()) continue;
    targets.known[row] = 1;
    if (task == Task::regression) {
      targets.values[row] = read_regression(table, row, column, cell);
    } else if (task == Task::multilabel) {
      for (const std::string& label : split_labels(cell))
        targets.values[row * width + known_labels.find(table, row, column, label)] = 1;
    } else {
      targets.values[row] = static_cast<double>(known_labels.find(table, row, column, cell));
    }
  }
  return targets;
}

Targets read_targets(const formats::Table& table, const std::string& column,
                     const std::string& task, const Sinks& sinks) {
  const int64_t index = table.column(column);
  BRAID_CHECK(index >= 0, data, "{}: target: {}", table.name(),
              unknown_name("column", column, table.columns()));
  std::vector<std::string> values = distinct_values(table, index, /*is_list=*/false);
  BRAID_CHECK(!values.empty(), data,
              "{}: column \"{}\": target: every cell is empty; name another column", table.name(),
              column);
  const Task chosen = task == "auto" ? infer_task(values) : metrics::parse_task(task);
  if (chosen == Task::multilabel) values = distinct_values(table, index, /*is_list=*/true);
  std::vector<std::string> labels;
  if (chosen != Task::regression) {
    BRAID_CHECK(!values.empty(), data, "{}: column \"{}\": target: no cell holds a label",
                table.name(), column);
    labels = sorted_labels(std::move(values));
  }
  check_labels(table, column, chosen, labels);
  Targets targets = read_targets_like(table, column, chosen, labels);
  check_varies(table, column, targets);
  if (task == "auto")
    sinks.info(fmt::format("{}: target \"{}\": task {}, {}", table.name(), column,
                           to_string(chosen),
                           chosen == Task::regression ? std::string("a number")
                                                      : fmt::format("{} classes", labels.size())));
  return targets;
}

}  // namespace braid::data
