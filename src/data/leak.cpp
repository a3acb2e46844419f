#include "data/leak.h"

#include <cmath>
#include <map>
#include <set>

#include "data/cells.h"

namespace braid::data {
namespace {

constexpr int64_t kMinRows = 20;
constexpr int64_t kMinRowsPerValue = 5;

// The class as text, so that single and several labels are compared alike.
std::string target_key(const Targets& targets, int64_t row) {
  if (targets.task != metrics::Task::multilabel) return std::to_string(targets.values[row]);
  std::string key;
  for (size_t k = 0; k < targets.labels.size(); ++k)
    key += targets.values[row * targets.labels.size() + k] != 0 ? '1' : '0';
  return key;
}

// Does every value of the column stand beside one class only? Returns the number of rows seen, 0
// where it does not.
int64_t rows_told_by_value(const Dataset& dataset, const std::string& column) {
  std::map<std::string, std::string> class_of;
  std::set<std::string> classes;
  int64_t num_rows = 0;
  for (int64_t row = 0; row < dataset.size(); ++row) {
    if (!dataset.targets().known[row]) continue;
    const std::string value(trimmed(dataset.cell(row, column)));
    if (value.empty()) continue;
    ++num_rows;
    const std::string key = target_key(dataset.targets(), row);
    classes.insert(key);
    if (class_of.emplace(value, key).first->second != key) return 0;
  }
  const int64_t num_values = static_cast<int64_t>(class_of.size());
  const bool is_enough = num_rows >= kMinRows && num_rows >= kMinRowsPerValue * num_values;
  return is_enough && classes.size() > 1 ? num_rows : 0;
}

// |correlation| of a numeric column with a regression target, and the rows it was seen on.
double correlation(const Dataset& dataset, const std::string& column, int64_t* num_rows) {
  double n = 0, mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
  for (int64_t row = 0; row < dataset.size(); ++row) {
    double x = 0;
    if (!dataset.targets().known[row]) continue;
    if (read_number(dataset.cell(row, column), &x) != NumberCell::number) continue;
    const double y = dataset.targets().values[row];
    n += 1;
    const double dx = x - mean_x, dy = y - mean_y;
    mean_x += dx / n;
    mean_y += dy / n;
    xx += dx * (x - mean_x);
    yy += dy * (y - mean_y);
    xy += dx * (y - mean_y);
  }
  *num_rows = static_cast<int64_t>(n);
  return xx > 0 && yy > 0 ? std::abs(xy) / std::sqrt(xx * yy) : 0;
}

}  // namespace

std::vector<Leak> find_leaks(const Dataset& dataset) {
  std::vector<Leak> leaks;
  const bool is_regression = dataset.targets().task == metrics::Task::regression;
  for (const Field& field : dataset.fields()) {
    if (dataset.config().target.empty()) break;
    if (field.kind != Kind::numeric && (field.kind != Kind::category || is_regression)) continue;
    int64_t num_rows = 0;
    if (is_regression)
      num_rows = correlation(dataset, field.name, &num_rows) > 0.9999 && num_rows >= kMinRows
                     ? num_rows
                     : 0;
    else
      num_rows = rows_told_by_value(dataset, field.name);
    if (num_rows == 0) continue;
    leaks.push_back(
        {field.name,
         fmt::format(
             "{}: column \"{}\" tells the target \"{}\" away: it fixes it in all {} rows; if it "
             "is not known at prediction time, add it to exclude",
             dataset.manifest(), field.name, dataset.config().target, num_rows)});
  }
  return leaks;
}

}  // namespace braid::data
