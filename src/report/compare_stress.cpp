// The page's section on stress: the best method of each family, side by side.
#include <fmt/format.h>

#include <algorithm>

#include "report/compare_charts.h"
#include "report/compare_sections.h"
#include "report/html.h"
#include "report/json_values.h"
#include "report/line_chart.h"
#include "report/stress_curves.h"

namespace braid::report {
namespace {

std::string name_of(const Json& method) { return method.at("name").get<std::string>(); }
std::string colour_of(const Json& method) {
  return family_class(method.at("family").get<std::string>());
}

// What tells one curve of a method from its others.
std::string title_of(const Json& curve) {
  if (curve.contains("modality"))
    return curve.at("modality").get<std::string>() + ": " + curve.at("name").get<std::string>();
  return curve.at("modalities").size() > 1 ? "every modality missing, each by its own coin"
                                           : joined_names(curve.at("modalities")) + " missing";
}

const Json* find_curve(const Json& method, const char* list, const std::string& title) {
  for (const Json& curve : method.at(list))
    if (title_of(curve) == title) return &curve;
  return nullptr;
}

std::vector<std::string> titles(const Json& stress, const char* list) {
  std::vector<std::string> all;
  for (const Json& method : stress.at("methods"))
    for (const Json& curve : method.at(list)) {
      const std::string title = title_of(curve);
      if (std::find(all.begin(), all.end(), title) == all.end()) all.push_back(title);
    }
  return all;
}

Range shared_range(const Json& stress) {
  Range range;
  for (const Json& method : stress.at("methods")) add_curves(method, &range);
  return range;
}

std::string chart(const CompareData& data, const char* list, const std::string& title) {
  const bool is_missing = std::string(list) == "missing_at_random";
  LineChart drawing;
  drawing.title = title;
  drawing.x_name = is_missing ? "% of rows without it" : "step of its levels";
  drawing.y_name = data.metric;
  drawing.y_range = shared_range(data.stress);
  for (const Json& method : data.stress.at("methods")) {
    const Json* curve = find_curve(method, list, title);
    if (curve == nullptr) continue;
    LineSeries series;
    series.colour = colour_of(method);
    series.points = points_of(*curve, /*by_place=*/!is_missing);
    drawing.series.push_back(std::move(series));
  }
  return small_figure(line_chart(drawing), escape(title));
}

std::string charts(const CompareData& data, const char* list) {
  std::string out;
  for (const std::string& title : titles(data.stress, list)) out += chart(data, list, title);
  return out.empty() ? "" : "<div class=\"grid\">\n" + out + "</div>\n";
}

HtmlTable robustness_table(const CompareData& data) {
  HtmlTable table;
  table.caption = fmt::format(
      "Relative robustness: the mean of a curve by its value at the start (1 = nothing lost). In "
      "brackets effective robustness: how much more of the {} is kept than {} would from the same "
      "start.",
      data.metric, data.stress.at("baseline").get<std::string>());
  table.columns = {{"curve"}};
  for (const Json& method : data.stress.at("methods"))
    table.columns.push_back({name_of(method), /*is_number=*/true});
  for (const char* list : {"missing_at_random", "corruptions"})
    for (const std::string& title : titles(data.stress, list)) {
      std::vector<HtmlCell> row = {text_cell(title)};
      for (const Json& method : data.stress.at("methods")) {
        const Json* curve = find_curve(method, list, title);
        if (curve == nullptr) {
          row.push_back(text_cell(""));
          continue;
        }
        const double relative = number_of(curve->at("relative_robustness"));
        std::string text = fixed(relative, 2);
        if (curve->contains("effective_robustness"))
          text +=
              fmt::format(" ({})", signed_fixed(number_of(curve->at("effective_robustness")), 3));
        row.push_back(number_cell(text, relative));
      }
      table.rows.push_back(std::move(row));
    }
  return table;
}

HtmlTable shuffled_table(const CompareData& data) {
  HtmlTable table;
  table.caption = fmt::format(
      "{} with one modality taken from another row: a method that does not look at it loses "
      "nothing.",
      data.metric);
  table.columns = {{"method"}, {"family"}, {"as it is", true}};
  std::vector<std::string> names;
  for (const Json& method : data.stress.at("methods"))
    for (const Json& one : method.at("shuffled")) {
      const std::string name = one.at("modality");
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  for (const std::string& name : names) table.columns.push_back({name + " shuffled", true});
  for (const Json& method : data.stress.at("methods")) {
    const Value clean = value_of(method.at("clean"));
    std::vector<HtmlCell> row = {text_cell(name_of(method)),
                                 text_cell(method.at("family").get<std::string>()),
                                 number_cell(with_interval(clean, data.decimals()), clean.mean)};
    for (const std::string& name : names) {
      HtmlCell cell = text_cell("");
      for (const Json& one : method.at("shuffled"))
        if (one.at("modality") == name)
          cell = number_cell(with_interval(value_of(one), data.decimals()), value_of(one).mean);
      row.push_back(std::move(cell));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

std::string stress_section(const CompareData& data) {
  if (!data.stress.is_object()) return "";
  std::string out =
      "<p>The best of each family by validation, on the same rows with the same "
      "modalities missing, swapped and corrupted.</p>\n<ul>\n";
  for (const Json& claim : data.stress.at("claims"))
    out += "<li>" + escape(claim.get<std::string>()) + "</li>\n";
  out += "</ul>\n";
  std::vector<LegendEntry> entries;
  for (const Json& method : data.stress.at("methods"))
    entries.push_back(
        {fmt::format("{} ({})", name_of(method), method.at("family").get<std::string>()),
         colour_of(method)});
  return out + legend(entries) + charts(data, "missing_at_random") +
         html_table(shuffled_table(data)) + charts(data, "corruptions") +
         html_table(robustness_table(data));
}

}  // namespace braid::report
