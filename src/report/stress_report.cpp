#include "report/stress_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/dot_chart.h"
#include "report/html.h"
#include "report/json_values.h"
#include "report/line_chart.h"
#include "report/numbers.h"
#include "report/stress_curves.h"
#include "report/text_table.h"

namespace braid::report {
namespace {

int decimals_of(const Json& stress) {
  return decimals_for(std::abs(number_of(stress.at("clean").at("mean"))));
}

// The subset of all modalities but one.
const Json* without(const Json& stress, const std::string& modality) {
  for (const Json& subset : stress.at("subsets")) {
    const Json& names = subset.at("modalities");
    const bool has_it = std::find(names.begin(), names.end(), Json(modality)) != names.end();
    if (!has_it && names.size() + 1 == stress.at("modalities").size()) return &subset;
  }
  return nullptr;
}

const Json* curve_of(const Json& stress, const std::string& modality) {
  for (const Json& curve : stress.at("missing_at_random"))
    if (curve.at("modalities") == Json::array({modality})) return &curve;
  return nullptr;
}

TextTable modalities_table(const Json& stress) {
  const int decimals = decimals_of(stress);
  TextTable table({{"modality"},
                   {"absent", Align::right},
                   {"absent in half", Align::right},
                   {"shuffled", Align::right}});
  for (const Json& one : stress.at("shuffled")) {
    const std::string name = one.at("modality");
    const Json *absent = without(stress, name), *curve = curve_of(stress, name);
    table.add_row(
        {plain(name), absent == nullptr ? "n/a" : with_interval(value_of(*absent), decimals),
         curve == nullptr ? "n/a" : with_interval(value_of(curve->at("points").at(5)), decimals),
         with_interval(value_of(one), decimals)});
  }
  return table;
}

// "20" or "0.05", without needless digits.
std::string level_text(const Json& at) { return fmt::format("{:g}", at.get<double>()); }

// "20 % masked: 0.912" of a point behind the fault gate; "" where the bundle has none.
std::string gate_text(const Json& point, int decimals) {
  if (!point.contains("gate")) return "";
  const Json& gate = point.at("gate");
  return fmt::format("{} % masked: {}", fixed(100 * number_of(gate.at("masked")), 0),
                     fixed(number_of(gate.at("mean")), decimals));
}

TextTable corruptions_table(const Json& stress) {
  const int decimals = decimals_of(stress);
  const Json& first = stress.at("corruptions").at(0).at("points").back();
  std::vector<TextColumn> columns = {{"modality"},
                                     {"corruption"},
                                     {"mildest", Align::right},
                                     {"hardest", Align::right},
                                     {"relative", Align::right}};
  if (first.contains("gate")) columns.push_back({"behind the gate", Align::right});
  columns.push_back({"level"});
  TextTable table(columns);
  for (const Json& curve : stress.at("corruptions")) {
    const Json& points = curve.at("points");
    const auto cell = [&](const Json& point) {
      return fmt::format("{} at {}", fixed(number_of(point.at("mean")), decimals),
                         level_text(point.at("at")));
    };
    std::vector<std::string> cells = {plain(curve.at("modality").get<std::string>()),
                                      curve.at("name"), cell(points.at(1)), cell(points.back()),
                                      fixed(number_of(curve.at("relative_robustness")), 2)};
    if (first.contains("gate")) cells.push_back(gate_text(points.back(), decimals));
    cells.push_back(curve.at("level"));
    table.add_row(cells);
  }
  return table;
}

// One for all curves, so that they can be compared.
Range shared_range(const Json& stress) {
  Range range;
  add_curves(stress, &range);
  return range;
}

std::string robustness_text(const Json& curve) {
  std::string text =
      fmt::format("relative robustness {}", fixed(number_of(curve.at("relative_robustness")), 2));
  if (curve.contains("effective_robustness"))
    text +=
        fmt::format(", effective {}", signed_fixed(number_of(curve.at("effective_robustness")), 3));
  return text;
}

std::string missing_html(const Json& stress) {
  std::string out;
  for (const Json& curve : stress.at("missing_at_random")) {
    const std::string name = curve.at("modalities").size() > 1
                                 ? "every modality, each by its own coin"
                                 : curve.at("modalities").at(0).get<std::string>();
    LineChart chart;
    chart.title = "Missing at random: " + name;
    chart.x_name = "% of rows without it";
    chart.y_name = stress.at("metric").at("name").get<std::string>();
    chart.y_range = shared_range(stress);
    chart.series = {{"s0", false, points_of(curve, /*by_place=*/false)}};
    out += small_figure(line_chart(chart),
                        fmt::format("{}; {}", escape(name), robustness_text(curve)));
  }
  return "<div class=\"grid\">\n" + out + "</div>\n";
}

std::string corruptions_html(const Json& stress) {
  std::string out;
  for (const Json& curve : stress.at("corruptions")) {
    const std::string name = curve.at("name"), modality = curve.at("modality");
    std::vector<std::string> levels, gated;
    for (size_t i = 1; i < curve.at("points").size(); ++i) {
      levels.push_back(level_text(curve.at("points").at(i).at("at")));
      gated.push_back(gate_text(curve.at("points").at(i), decimals_of(stress)));
    }
    const std::string gate =
        gated.empty() || gated[0].empty()
            ? ""
            : fmt::format("; behind the fault gate {}", fmt::join(gated, ", "));
    LineChart chart;
    chart.title = modality + ": " + name;
    chart.x_name = "step";
    chart.y_name = stress.at("metric").at("name").get<std::string>();
    chart.y_range = shared_range(stress);
    chart.series = {{"s1", false, points_of(curve, /*by_place=*/true)}};
    out += small_figure(
        line_chart(chart),
        fmt::format("{}, {}; steps: as it is, then {} ({}); {}{}", escape(modality), escape(name),
                    fmt::join(levels, ", "), escape(curve.at("level").get<std::string>()),
                    robustness_text(curve), gate));
  }
  return out.empty() ? "" : "<div class=\"grid\">\n" + out + "</div>\n";
}

std::string dots(const Json& stress, const Json& list, const char* title,
                 const std::string& caption) {
  DotChart chart;
  chart.title = title;
  chart.axis_name = stress.at("metric").at("name").get<std::string>();
  chart.reference = number_of(stress.at("clean").at("mean"));
  chart.reference_name = "rows as they are";
  for (const Json& one : list) {
    DotRow row;
    row.label = one.contains("modality") ? one.at("modality").get<std::string>()
                                         : joined_names(one.at("modalities"));
    row.value = value_of(one);
    row.text = with_interval(row.value, decimals_of(stress));
    chart.rows.push_back(row);
  }
  return figure(dot_chart(chart), caption);
}

std::string measured_html(const Json& stress) {
  return fmt::format(
      "<p>Seed {} decides which rows lose, corrupt or swap a modality. Shuffled: each row gets the "
      "modality of another row that has it, so a model that does not look at it loses nothing. "
      "Relative robustness: the mean of a curve by its value at the start (1 = nothing lost), the "
      "area under the performance-imperfection curve of MultiBench (Liang et al. 2021). Intervals "
      "are bootstrap percentiles over the rows.</p>\n",
      stress.at("seed").get<uint64_t>());
}

}  // namespace

std::string stress_table(const Json& stress, int width_columns) {
  const std::string head =
      fmt::format("{} rows; {} {} as they are", stress.at("rows").get<int64_t>(),
                  stress.at("metric").at("name").get<std::string>(),
                  with_interval(value_of(stress.at("clean")), decimals_of(stress)));
  std::string out = wrap(head, width_columns) + "\n\n" + modalities_table(stress).str();
  if (!stress.at("corruptions").empty()) out += "\n" + corruptions_table(stress).str();
  return out;
}

std::string stress_page(const Json& stress) {
  const std::string title = fmt::format("Under stress: {}", stress.at("target").get<std::string>());
  return html_page(
      title, fmt::format("<h1>{}</h1>\n", escape(title)) + about_html(stress) +
                 section("random", "Missing at random", missing_html(stress)) +
                 section("subsets", "With some modalities alone",
                         dots(stress, stress.at("subsets"), "Subsets of the modalities", "")) +
                 section("shuffled", "Paired with another row",
                         dots(stress, stress.at("shuffled"), "One modality from another row",
                              "Far below the line: the model looks at this modality.")) +
                 section("corruptions", "Corrupted", corruptions_html(stress)) +
                 section("measured", "How this was measured", measured_html(stress)));
}

}  // namespace braid::report
