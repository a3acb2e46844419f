#include "metrics/metric.h"

#include <iterator>

#include "core/registry.h"
#include "metrics/checks.h"

namespace braid::metrics {

#include "metrics/table.inc"

namespace {

constexpr Task kTasks[] = {Task::binary, Task::multiclass, Task::multilabel, Task::regression};

// How many targets one row has.
int64_t targets_per_row(const Predictions& p) {
  return p.task == Task::multilabel ? p.num_outputs : 1;
}

void append_row(const std::vector<double>& from, int64_t row, int64_t width,
                std::vector<double>* to) {
  const double* begin = from.data() + row * width;
  to->insert(to->end(), begin, begin + width);
}

}  // namespace

const char* to_string(Task task) {
  switch (task) {
    case Task::binary:
      return "binary";
    case Task::multiclass:
      return "multiclass";
    case Task::multilabel:
      return "multilabel";
    case Task::regression:
      break;
  }
  return "regression";
}

Task parse_task(const std::string& name) {
  std::vector<std::string> known;
  for (Task task : kTasks) {
    if (name == to_string(task)) return task;
    known.emplace_back(to_string(task));
  }
  throw Error(ErrorKind::config, unknown_name("task", name, known));
}

int64_t Predictions::size() const {
  const int64_t num_targets = static_cast<int64_t>(targets.size());
  if (task != Task::multilabel) return num_targets;
  return num_outputs > 0 ? num_targets / num_outputs : 0;
}

Predictions select(const Predictions& all, const std::vector<int64_t>& indices) {
  check_shape("select", all);
  Predictions rows;
  rows.task = all.task;
  rows.num_outputs = all.num_outputs;
  const int64_t num_targets = targets_per_row(all);
  rows.scores.reserve(indices.size() * static_cast<size_t>(all.num_outputs));
  rows.targets.reserve(indices.size() * static_cast<size_t>(num_targets));
  const int64_t size = all.size();
  for (int64_t row : indices) {
    BRAID_CHECK(row >= 0 && row < size, shape,
                "select: row index: expected 0 to below {}, got {}; draw from size()", size, row);
    append_row(all.scores, row, all.num_outputs, &rows.scores);
    append_row(all.targets, row, num_targets, &rows.targets);
  }
  return rows;
}

int64_t predicted_class(const Predictions& predictions, int64_t row) {
  const double* scores = predictions.scores.data() + row * predictions.num_outputs;
  int64_t best = 0;
  for (int64_t k = 1; k < predictions.num_outputs; ++k)
    if (scores[k] > scores[best]) best = k;
  return best;
}

bool is_predicted(const Predictions& predictions, int64_t row, int64_t label) {
  return predictions.scores[static_cast<size_t>(row * predictions.num_outputs + label)] >= 0.5;
}

const std::vector<const Method*>& methods() {
  static const std::vector<const Method*> all(std::begin(kTable), std::end(kTable));
  return all;
}

const Method& find(const std::string& name) { return find_method(methods(), "metric", name); }

std::vector<const Method*> methods_for(Task task) {
  std::vector<const Method*> fitting;
  for (const Method* method : methods())
    if (method->applies(task)) fitting.push_back(method);
  return fitting;
}

const Method& default_metric(Task task) {
  const std::vector<const Method*> fitting = methods_for(task);
  BRAID_ASSERT(!fitting.empty());
  return *fitting.front();
}

const Method& choose(const std::string& where, const std::string& name, Task task) {
  if (name.empty() || name == "auto") return default_metric(task);
  BRAID_CHECK(find(name).applies(task), config, "{}: '{}' does not fit a {} target", where, name,
              to_string(task));
  return find(name);
}

}  // namespace braid::metrics
