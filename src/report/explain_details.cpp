#include "report/explain_details.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/heat_map.h"
#include "report/html.h"
#include "report/json_values.h"
#include "report/line_chart.h"
#include "report/numbers.h"

namespace braid::report {
namespace {

constexpr int kDecimals = 3;

const Json* part(const Json& explain, const char* key) {
  const auto found = explain.find(key);
  return found == explain.end() || !found->is_object() ? nullptr : &*found;
}

// "attention", as the subject of a sentence.
std::string subject(const std::string& order) {
  return order == "gradients" ? "integrated gradients" : order;
}

std::string order_words(const Json& order, const std::string& what) {
  const Value gain = value_of(order.at("deletion_gain")),
              regained = value_of(order.at("insertion_gain"));
  const std::string name = subject(order.at("name")),
                    finds = name == "attention" ? "finds" : "find";
  const std::string costs = with_interval(gain, kDecimals, /*is_signed=*/true);
  if (!std::isfinite(gain.low))
    return fmt::format(
        "{}: deleting first the {} so named costs {} more than random order, of "
        "rows that allow no interval",
        name, what, costs);
  if (gain.low > 0)
    return fmt::format(
        "{} {} the {} that matter: deleting them first costs {} more than random order{}", name,
        finds, what, costs,
        regained.low > 0 ? fmt::format(", showing them first regains {} more",
                                       with_interval(regained, kDecimals, /*is_signed=*/true))
                         : "");
  if (gain.high < 0)
    return fmt::format("{}: worse than random order; deleting first the {} so named costs {} more",
                       name, what, costs);
  return fmt::format(
      "{}: no better than random order; deleting first the {} so named costs {} more", name, what,
      costs);
}

std::string words_of(const Json* measured, const std::string& what) {
  std::string words;
  if (measured == nullptr) return words;
  for (const Json& order : measured->at("faithfulness").at("orders"))
    words += order_words(order, what) + ".\n";
  return words;
}

std::vector<std::pair<double, double>> points_of(const Json& curve) {
  std::vector<std::pair<double, double>> points;
  const auto last = static_cast<double>(curve.size() - 1);
  for (size_t k = 0; k < curve.size(); ++k)
    points.emplace_back(100 * static_cast<double>(k) / last, number_of(curve.at(k)));
  return points;
}

std::string curves_html(const Json& measured, const std::string& what, const Json& explain) {
  const Json& faithfulness = measured.at("faithfulness");
  const bool is_value = explain.contains("task") && explain.at("task") == "regression";
  std::vector<LegendEntry> names;
  Range range;
  std::string charts;
  for (const char* way : {"deletion", "insertion"}) {
    range.add(0);
    for (const auto& [x, y] : points_of(faithfulness.at("random").at(way))) range.add(y);
    for (const Json& order : faithfulness.at("orders"))
      for (const auto& [x, y] : points_of(order.at(way))) range.add(y);
  }
  for (const char* way : {"deletion", "insertion"}) {
    LineChart chart;
    chart.title = fmt::format("{} of {}", way, what);
    chart.x_name = fmt::format("% of {} {}", what, way[0] == 'd' ? "deleted" : "shown");
    chart.y_name = is_value ? "less the change of the prediction" : "score of what was predicted";
    chart.y_range = range;
    chart.series.push_back({"s5", /*is_thin=*/true, points_of(faithfulness.at("random").at(way))});
    size_t i = 0;
    for (const Json& order : faithfulness.at("orders"))
      chart.series.push_back({series_class(i++), false, points_of(order.at(way))});
    charts += "<div>" +
              figure(line_chart(chart), way[0] == 'd' ? "Deletion, the most important first: lower "
                                                        "is better."
                                                      : "Insertion, the most important first: "
                                                        "higher is better.") +
              "</div>\n";
  }
  names.push_back({"random order", "s5"});
  size_t i = 0;
  for (const Json& order : faithfulness.at("orders"))
    names.push_back({subject(order.at("name")), series_class(i++)});
  return legend(names) + "<div class=\"grid wide\">\n" + charts + "</div>\n" +
         fmt::format(
             "<p class=\"soft\">{} rows of {:.0f} {} on average; random order is the mean of {} "
             "orders. Intervals are bootstrap percentiles over the rows of the difference of areas "
             "(Petsiuk et al. 2018).</p>\n",
             faithfulness.at("rows").get<int64_t>(), number_of(faithfulness.at("parts")), what,
             faithfulness.at("random").at("orders").get<int64_t>());
}

std::string list_html(const std::string& words) {
  std::string out;
  for (size_t begin = 0; begin < words.size();) {
    const size_t end = words.find('\n', begin);
    std::string line = words.substr(begin, end - begin);
    line[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(line[0])));
    out += "<p><b>" + escape(line) + "</b></p>\n";
    begin = end + 1;
  }
  return out;
}

// A drawing of a (rows, columns) list of shares.
std::string shares_map(const std::string& title, const Json& rows, const Json& columns,
                       const Json& shares) {
  HeatMap map;
  map.title = title;
  map.row_name = "looks";
  map.column_name = "at";
  map.rows = rows.get<std::vector<std::string>>();
  map.columns = columns.get<std::vector<std::string>>();
  map.cell_width = 56;
  map.longest_label = 14;
  map.shade = [&shares](size_t r, size_t c) { return number_of(shares.at(r).at(c)); };
  map.text = [&shares](size_t r, size_t c) {
    const double share = number_of(shares.at(r).at(c));
    return std::isfinite(share) ? fixed(share, 2) : std::string();
  };
  return heat_map(map);
}

// Mean over the heads of a layer, entry by entry; a group that asks nothing has no row.
Json mean_of_heads(const Json& heads) {
  Json mean = heads.at(0);
  for (size_t r = 0; r < mean.size(); ++r)
    for (size_t c = 0; c < mean.at(r).size(); ++c) {
      double sum = 0;
      for (const Json& head : heads) sum += number_of(head.at(r).at(c));
      mean[r][c] = finite_or_null(sum / static_cast<double>(heads.size()));
    }
  return mean;
}

std::string layers_html(const Json& attention) {
  const Json& groups = attention.at("groups");
  std::string means, heads;
  for (const Json& layer : attention.at("layers")) {
    const auto number = layer.at("layer").get<int64_t>() + 1;
    means += "<div>" +
             figure(shares_map(fmt::format("Layer {}", number), groups, groups,
                               mean_of_heads(layer.at("heads"))),
                    fmt::format("Layer {}, mean of its heads", number)) +
             "</div>\n";
    for (size_t h = 0; h < layer.at("heads").size(); ++h)
      heads += "<div>" +
               figure(shares_map(fmt::format("Layer {}, head {}", number, h + 1), groups, groups,
                                 layer.at("heads").at(h)),
                      fmt::format("Layer {}, head {}", number, h + 1)) +
               "</div>\n";
  }
  return "<h3>Layer by layer</h3>\n<div class=\"grid\">\n" + means +
         "</div>\n<details><summary>Every head by itself</summary>\n<div class=\"grid\">\n" +
         heads + "</div>\n</details>\n";
}

}  // namespace

std::string faithfulness_words(const Json& explain) {
  return words_of(part(explain, "attention"), "tokens") +
         words_of(part(explain, "attribution"), "parts of the input");
}

std::string attention_html(const Json& explain) {
  if (!explain.contains("attention")) return "";
  const Json* attention = part(explain, "attention");
  if (attention == nullptr)
    return fmt::format(
        "<p>The fusion {} has no attention between modalities' tokens that could be shown. Fusions "
        "that have: <code>braid list fusion</code>, for example merged, cross_attention, "
        "mbt.</p>\n",
        escape(explain.at("fusion").get<std::string>()));
  const Json& flow = attention->at("flow");
  return list_html(words_of(attention, "tokens")) + curves_html(*attention, "tokens", explain) +
         "<h3>From modality to modality</h3>\n" +
         figure(shares_map("Flow between modalities", flow.at("from"), flow.at("to"),
                           flow.at("shares")),
                "How much of each modality's tokens reaches another's, and the prediction, through "
                "all layers (attention rollout, Abnar and Zuidema 2020).") +
         layers_html(*attention) +
         fmt::format(
             "<p class=\"soft\">Means over {} rows and the real tokens of each. A fusion that asks "
             "one modality at a time gives it all of its attention by construction. Tokens are "
             "what "
             "the encoders hand over: one may know of its neighbours. Where a model looks says "
             "little of what it needs (Jain and Wallace 2019): hence the curves.</p>\n",
             attention->at("rows").get<int64_t>());
}

std::string attribution_html(const Json& explain) {
  const Json* attribution = part(explain, "attribution");
  if (attribution == nullptr) return "";
  HtmlTable table;
  table.columns = {{"modality"}, {"adds to the score", true}, {"moves it by, on average", true}};
  HtmlTable columns;
  columns.columns = {{"column"}, {"moves the score by, on average", true}};
  for (const Json& one : attribution->at("modalities")) {
    const double mean = number_of(one.at("mean")), moves = number_of(one.at("moves"));
    table.rows.push_back({text_cell(one.at("name").get<std::string>()),
                          number_cell(signed_fixed(mean, kDecimals), mean),
                          number_cell(fixed(moves, kDecimals), moves)});
    if (!one.contains("columns")) continue;
    for (const Json& column : one.at("columns")) {
      const double moved = number_of(column.at("moves"));
      columns.rows.push_back({text_cell(column.at("name").get<std::string>()),
                              number_cell(fixed(moved, kDecimals), moved)});
    }
  }
  std::stable_sort(columns.rows.begin(), columns.rows.end(),
                   [](const auto& a, const auto& b) { return a[1].sort > b[1].sort; });
  return list_html(words_of(attribution, "parts of the input")) +
         curves_html(*attribution, "parts of the input", explain) + "<div class=\"beside\"><div>" +
         html_table(table) + "</div>" +
         (columns.rows.empty() ? "" : "<div>" + html_table(columns) + "</div>") + "</div>\n" +
         fmt::format(
             "<p class=\"soft\">Integrated gradients (Sundararajan et al. 2017) of the score of "
             "what "
             "was predicted, from the training rows' mean to the input, {} rows, up to {} steps. "
             "They miss the change of the score by {} on average, {} at most.</p>\n",
             attribution->at("rows").get<int64_t>(), attribution->at("steps").get<int64_t>(),
             fixed(number_of(attribution->at("gap").at("mean")), 4),
             fixed(number_of(attribution->at("gap").at("most")), 4));
}

}  // namespace braid::report
