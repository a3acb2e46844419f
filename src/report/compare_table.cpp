#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "report/compare_data.h"
#include "report/compare_report.h"
#include "report/compare_sections.h"
#include "report/text_table.h"

namespace braid::report {
namespace {

constexpr int kLongestName = 24;
constexpr int kShortestName =
    8;  // method names in the subset table are cut down to this before it is split

struct TableColumn {
  TextColumn head;
  int rank;  // 0 always stays; the highest rank goes first
  std::string (*cell)(const CompareData&, const MethodResult&);
};

std::string name_cell(const CompareData& data, const MethodResult& method) {
  return (method.name == data.winner ? "* " : "  ") + shorten(plain(method.name), kLongestName);
}
std::string family_cell(const CompareData&, const MethodResult& method) {
  return method.family.empty() ? "n/a" : method.family;
}
std::string metric_cell(const CompareData& data, const MethodResult& method) {
  return with_interval(method.metric, data.decimals());
}
std::string difference_cell(const CompareData& data, const MethodResult& method) {
  if (method.name == data.best_single) return "(best single)";
  return with_interval(method.difference, data.decimals(), /*is_signed=*/true);
}
std::string parameters_cell(const CompareData&, const MethodResult& method) {
  return short_count(method.parameters);
}
std::string train_cell(const CompareData&, const MethodResult& method) {
  return duration(method.train_seconds);
}
std::string latency_cell(const CompareData&, const MethodResult& method) {
  return milliseconds(method.latency_ms);
}

TextTable method_table(const CompareData& data, const std::vector<TableColumn>& columns) {
  std::vector<TextColumn> heads;
  for (const TableColumn& column : columns) heads.push_back(column.head);
  TextTable table(heads);
  for (const MethodResult* method : data.by_metric()) {
    std::vector<std::string> cells;
    for (const TableColumn& column : columns) cells.push_back(column.cell(data, *method));
    table.add_row(std::move(cells));
  }
  return table;
}

std::string methods_text(const CompareData& data, int width) {
  std::vector<TableColumn> columns = {
      {{"  method"}, 0, name_cell},
      {{"family"}, 3, family_cell},
      {{data.metric, Align::right}, 0, metric_cell},
      {{"vs best single", Align::right}, 0, difference_cell},
      {{"params", Align::right}, 1, parameters_cell},
      {{"train", Align::right}, 2, train_cell},
      {{"latency", Align::right}, 4, latency_cell},
  };
  std::vector<std::string> left_out;
  TextTable table = method_table(data, columns);
  while (width > 0 && table.width() > width) {
    const auto widest = std::max_element(
        columns.begin(), columns.end(),
        [](const TableColumn& a, const TableColumn& b) { return a.rank < b.rank; });
    if (widest->rank == 0) break;
    left_out.push_back(widest->head.title);
    columns.erase(widest);
    table = method_table(data, columns);
  }
  std::string out = table.str();
  if (data.find(data.winner) != nullptr) out += "* the winner, chosen on the validation rows\n";
  if (!left_out.empty()) {
    out +=
        wrap(fmt::format("(not shown at this width: {})", fmt::join(left_out, ", ")), width) + "\n";
  }
  return out;
}

std::string heading(const CompareData& data, int width) {
  std::string text = data.metric;
  text += data.higher_is_better ? " (higher is better)" : " (lower is better)";
  if (data.folds > 1) {
    text += fmt::format(" over {} folds", data.folds);
  } else if (data.test >= 0) {
    text += fmt::format(" on {} test rows", data.test);
  }
  if (data.seeds > 1) text += fmt::format(", mean of {} seeds", data.seeds);
  text += std::isfinite(data.level) ? fmt::format(", [{}% interval]", fixed(data.level * 100, 0))
                                    : ", [bootstrap interval]";
  return wrap(plain(text), width) + "\n\n";
}

TextTable subset_table(const CompareData& data, const std::vector<std::string>& methods,
                       int longest_name) {
  std::vector<TextColumn> heads = {{"only these present"}};
  for (const std::string& name : methods) {
    heads.push_back({shorten(plain(name), longest_name), Align::right});
  }
  TextTable table(heads);
  for (const SubsetRow& row : data.subsets) {
    std::vector<std::string> cells = {shorten(plain(join_modalities(row.modalities)), 32)};
    for (const std::string& name : methods) {
      cells.push_back(fixed(subset_value(row, name), data.decimals()));
    }
    table.add_row(std::move(cells));
  }
  return table;
}

// Names are cut first; where that is not enough, the columns are spread over several tables.
std::string subsets_text(const CompareData& data, int width) {
  const std::vector<std::string> methods = subset_methods(data);
  if (methods.empty()) return "";
  for (int longest = kLongestName; longest >= kShortestName; --longest) {
    const TextTable table = subset_table(data, methods, longest);
    if (width <= 0 || table.width() <= width) return "\n" + table.str();
  }
  std::string out;
  for (size_t start = 0; start < methods.size();) {
    size_t end = start + 1;
    const auto part = [&](size_t stop) {
      return subset_table(data,
                          {methods.begin() + static_cast<ptrdiff_t>(start),
                           methods.begin() + static_cast<ptrdiff_t>(stop)},
                          /*longest_name=*/16);
    };
    while (end < methods.size() && part(end + 1).width() <= width) ++end;
    out += "\n" + part(end).str();
    start = end;
  }
  return out;
}

}  // namespace

std::string compare_table(const Json& compare, int width_columns) {
  const CompareData data = read_compare(compare);
  std::string out = heading(data, width_columns);
  out += data.methods.empty() ? "no method finished\n" : methods_text(data, width_columns);
  out += subsets_text(data, width_columns);
  out += choice_text(data, width_columns);
  if (!data.verdict.empty()) out += "\n" + wrap(plain(data.verdict), width_columns) + "\n";
  return out;
}

}  // namespace braid::report
