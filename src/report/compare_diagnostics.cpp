// The page's sections that look inside one method: errors, calibration, scatter, learning curves.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/compare_charts.h"
#include "report/compare_sections.h"
#include "report/html.h"
#include "report/line_chart.h"

namespace braid::report {
namespace {

struct Confusion {
  size_t truth, predicted;
  double count, share;
};

// The most frequent mistakes; for many classes they say more than the matrix.
std::string confusion_table(const CompareData& data, const MethodResult& method) {
  constexpr size_t kMost = 8;
  std::vector<Confusion> mistakes;
  for (size_t r = 0; r < method.confusion.size(); ++r) {
    double total = 0;
    for (double count : method.confusion[r]) total += count;
    for (size_t c = 0; c < method.confusion[r].size(); ++c) {
      const double count = method.confusion[r][c];
      if (r != c && count > 0) mistakes.push_back({r, c, count, count / total});
    }
  }
  if (method.confusion.size() < 3 || mistakes.empty()) return "";
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Confusion& a, const Confusion& b) { return a.count > b.count; });
  mistakes.resize(std::min(kMost, mistakes.size()));
  const auto label = [&](size_t i) {
    return i < data.labels.size() ? data.labels[i] : fmt::format("class {}", i);
  };
  HtmlTable table;
  table.caption = "The most frequent mistakes.";
  table.columns = {{"truth"}, {"predicted"}, {"count", true}, {"of the class", true}};
  for (const Confusion& row : mistakes) {
    table.rows.push_back({text_cell(label(row.truth)), text_cell(label(row.predicted)),
                          number_cell(fixed(row.count, 0), row.count),
                          number_cell(percent(row.share), row.share)});
  }
  return html_table(table);
}

std::string class_table(const MethodResult& method) {
  if (method.per_class.empty()) return "";
  HtmlTable table;
  table.caption =
      "By class. Precision: how many of those predicted are right. Recall: how many of the class "
      "were found.";
  table.columns = {{"class"}, {"precision", true}, {"recall", true}, {"F1", true}, {"rows", true}};
  for (const ClassRow& row : method.per_class) {
    const double support = row.support < 0 ? kAbsent : static_cast<double>(row.support);
    table.rows.push_back({text_cell(row.label), number_cell(fixed(row.precision, 3), row.precision),
                          number_cell(fixed(row.recall, 3), row.recall),
                          number_cell(fixed(row.f1, 3), row.f1),
                          number_cell(fixed(support, 0), support)});
  }
  std::string out = html_table(table);
  // Two hundred rows would bury the sections below.
  if (table.rows.size() > 30)
    out = "<details><summary>All " + std::to_string(table.rows.size()) + " classes</summary>\n" +
          out + "</details>\n";
  return out;
}

// The winner, and the best single modality where it is another method.
std::vector<const MethodResult*> chosen(const CompareData& data) {
  std::vector<const MethodResult*> methods;
  for (const std::string& name : {data.winner, data.best_single}) {
    const MethodResult* method = data.find(name);
    if (method != nullptr && (methods.empty() || methods[0] != method)) methods.push_back(method);
  }
  return methods;
}

}  // namespace

std::string errors_section(const CompareData& data) {
  const MethodResult* winner = data.find(data.winner);
  if (winner == nullptr) return "";
  const std::string matrix =
      figure(confusion_chart(data, *winner), "Summed over runs. Colour: share of the true class.");
  std::string out;
  for (const std::string& part : {matrix, confusion_table(data, *winner)}) {
    if (!part.empty()) out += "<div>" + part + "</div>\n";
  }
  if (!out.empty()) out = "<div class=\"beside\">\n" + out + "</div>\n";
  return out + class_table(*winner);
}

std::string calibration_section(const CompareData& data) {
  std::string cells;
  for (const MethodResult* method : chosen(data)) {
    const std::string svg =
        calibration_chart(method->name, method->calibration, family_class(method->family));
    if (svg.empty()) continue;
    cells +=
        fmt::format("<div><h3>{}</h3>{}</div>\n", escape(method->name),
                    figure(svg, fmt::format("Mean gap (expected calibration error): {}",
                                            fixed(calibration_error(method->calibration), 3))));
  }
  if (cells.empty()) return "";
  return "<p>A dot on the dashed line: of the predictions made with that confidence, as many are "
         "right as it claims. "
         "Below the line: too sure of itself. Larger dots stand for more predictions.</p>\n"
         "<div class=\"grid wide\">\n" +
         cells + "</div>\n";
}

std::string scatter_section(const CompareData& data) {
  std::string cells;
  for (const MethodResult* method : chosen(data)) {
    const std::string svg = scatter_chart(data, *method);
    if (!svg.empty())
      cells += fmt::format("<div><h3>{}</h3>{}</div>\n", escape(method->name), figure(svg, ""));
  }
  if (cells.empty()) return "";
  return "<p>Each dot is a test row; on the dashed line the prediction is exact.</p>\n<div "
         "class=\"grid wide\">\n" +
         cells + "</div>\n";
}

// "encoders' gradient: text 62.0%, audio 38.0%"
std::string gradient_html(const MethodResult& method) {
  std::vector<std::string> parts;
  for (const auto& [name, share] : method.gradient_shares)
    parts.push_back(fmt::format("{} {}", escape(name), percent(share)));
  if (parts.empty()) return "";
  return fmt::format("<p class=\"soft\">encoders' gradient: {}</p>", fmt::join(parts, ", "));
}

std::string curves_section(const CompareData& data) {
  const Range shared = validation_range(data);
  std::string cells;
  std::vector<const MethodResult*> order = data.by_family();
  std::stable_partition(order.begin(), order.end(),
                        [&](const MethodResult* method) { return method->name == data.winner; });
  for (const MethodResult* method : order) {
    const std::string charts = loss_chart(*method) + validation_chart(data, *method, shared);
    if (charts.empty()) continue;
    cells += fmt::format("<div><h3>{}{}</h3>{}{}</div>\n", escape(method->name),
                         method->name == data.winner ? " <span class=\"chip\">winner</span>" : "",
                         charts, gradient_html(*method));
  }
  if (cells.empty()) return "";
  return legend({{"training", "s5"}, {"validation", "s0"}, {"best epoch of a run", "s1", true}}) +
         fmt::format(
             "<p class=\"soft\">One line per run. The scale of validation {} is the same in every "
             "drawing, that of the "
             "loss is each drawing's own.</p>\n<div class=\"grid\">\n{}</div>\n",
             escape(data.metric), cells);
}

}  // namespace braid::report
