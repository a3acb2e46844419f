#include "report/explain_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/dot_chart.h"
#include "report/explain_details.h"
#include "report/explain_samples.h"
#include "report/html.h"
#include "report/json_values.h"
#include "report/numbers.h"
#include "report/text_table.h"

namespace braid::report {
namespace {

bool is_above(const Value& value) { return value.low > 0; }
bool is_below(const Value& value) { return value.high < 0; }

int decimals_of(const Json& explain) {
  double largest = 0;
  for (const Json& subset : explain.at("subsets"))
    largest = std::max(largest, std::abs(number_of(subset.at("mean"))));
  return decimals_for(largest);
}

// "0.2 of accuracy": what contributions are measured in.
std::string unit(const Json& explain) {
  const Json& metric = explain.at("metric");
  const std::string name = metric.at("name");
  return metric.at("higher_is_better").get<bool>() ? name : "less " + name;
}

TextTable contributions_table(const Json& explain) {
  const int decimals = decimals_of(explain);
  TextTable table({{"modality"},
                   {"contributes", Align::right},
                   {"alone", Align::right},
                   {"lost without", Align::right},
                   {"leads in", Align::right}});
  for (const Json& one : explain.at("contributions"))
    table.add_row({plain(one.at("name").get<std::string>()),
                   with_interval(value_of(one.at("shapley")), decimals, /*is_signed=*/true),
                   with_interval(value_of(one.at("alone")), decimals, /*is_signed=*/true),
                   with_interval(value_of(one.at("leave_one_out")), decimals, /*is_signed=*/true),
                   percent(number_of(one.at("leads")))});
  return table;
}

std::vector<std::string> pair_cells(const Json& pair, int decimals) {
  std::vector<std::string> cells = {
      joined_names(pair.at("modalities")),
      with_interval(value_of(pair.at("interaction")), decimals, /*is_signed=*/true)};
  if (!pair.contains("information")) return cells;
  const Json& bits = pair.at("information");
  for (const Json& part : {bits.at("redundant"), bits.at("unique").at(0), bits.at("unique").at(1),
                           bits.at("synergistic")})
    cells.push_back(fixed(number_of(part), 2));
  return cells;
}

std::vector<std::string> pair_titles(const Json& explain) {
  std::vector<std::string> titles = {"pair", "interaction"};
  if (!explain.at("pairs").empty() && explain.at("pairs").at(0).contains("information"))
    titles.insert(titles.end(),
                  {"both tell, bits", "first alone", "second alone", "only together"});
  return titles;
}

TextTable pairs_table(const Json& explain) {
  std::vector<TextColumn> heads;
  for (const std::string& title : pair_titles(explain))
    heads.push_back({title, heads.empty() ? Align::left : Align::right});
  TextTable table(heads);
  for (const Json& pair : explain.at("pairs")) {
    std::vector<std::string> cells = pair_cells(pair, decimals_of(explain));
    cells[0] = plain(cells[0]);
    table.add_row(std::move(cells));
  }
  return table;
}

std::string contributions_chart(const Json& explain) {
  DotChart chart;
  chart.title = "What each modality contributes";
  chart.axis_name = "change of " + unit(explain);
  chart.reference = 0;
  chart.reference_name = "nothing";
  const struct {
    const char *key, *group, *colour;
  } kinds[] = {{"shapley", "Contribution (Shapley value)", "s0"},
               {"alone", "Alone, against no modality", "s2"},
               {"leave_one_out", "Lost where it alone is missing", "s1"}};
  for (const auto& kind : kinds)
    for (const Json& one : explain.at("contributions")) {
      DotRow row;
      row.group = kind.group;
      row.label = one.at("name").get<std::string>();
      row.value = value_of(one.at(kind.key));
      row.colour = kind.colour;
      row.text = with_interval(row.value, decimals_of(explain), /*is_signed=*/true);
      chart.rows.push_back(row);
    }
  return figure(dot_chart(chart),
                escape("Contributions add up to the difference between all modalities and none."));
}

std::string subsets_chart(const Json& explain) {
  DotChart chart;
  chart.title = "The model with some of its modalities";
  chart.axis_name = explain.at("metric").at("name").get<std::string>();
  for (const Json& subset : explain.at("subsets")) {
    DotRow row;
    row.label = joined_names(subset.at("modalities"));
    row.value = value_of(subset);
    row.text = with_interval(row.value, decimals_of(explain));
    row.is_strong = subset.at("modalities").size() == explain.at("modalities").size();
    chart.rows.push_back(row);
  }
  return figure(dot_chart(chart), "");
}

std::string pairs_html(const Json& explain) {
  HtmlTable table;
  for (const std::string& title : pair_titles(explain))
    table.columns.push_back({title, /*is_number=*/!table.columns.empty()});
  for (const Json& pair : explain.at("pairs")) {
    std::vector<HtmlCell> cells;
    for (const std::string& cell : pair_cells(pair, decimals_of(explain)))
      cells.push_back(cells.empty() ? text_cell(cell) : number_cell(cell, kAbsent));
    table.rows.push_back(cells);
  }
  table.is_sortable = false;
  return "<p>An interaction above zero: the two complement each other. Below zero: they say the "
         "same.</p>\n" +
         html_table(table);
}

std::string leads_html(const Json& explain) {
  HtmlTable table;
  table.columns = {{"modality"}, {"leads in", true}, {"moves a score by, on average", true}};
  for (const Json& one : explain.at("contributions")) {
    const double leads = number_of(one.at("leads")), moves = number_of(one.at("moves"));
    table.rows.push_back({text_cell(one.at("name").get<std::string>()),
                          number_cell(percent(leads), leads), number_cell(fixed(moves, 3), moves)});
  }
  return "<p>Of each row, the score of what the model predicts is shared out the same way; a "
         "modality leads where it moved that score the most. <code>samples.csv</code> has every "
         "row.</p>\n" +
         html_table(table);
}

std::string limits_html(const Json& explain) {
  std::string out =
      "<p>The presence mask says which modalities take part, so these are the answers of this one "
      "model to samples that lack modalities. A model trained without modality dropout answers "
      "such samples badly, and its contributions say so of the model rather than of the data. "
      "Without any "
      "modality, what the frequencies of the classes among the rows say counts (the mean of "
      "values). "
      "Intervals are bootstrap percentiles over the rows.</p>\n";
  if (pair_titles(explain).size() > 2)
    out +=
        "<p>Bits: H(class) minus the cross-entropy of the predictions (predictive information, Xu "
        "et al. 2020); what both tell is the smaller of the two, class by class (Williams and Beer "
        "2010). That calls redundant what is of equal size, not what is the same, and "
        "overconfident "
        "predictions can make a part negative.</p>\n";
  return out +
         "<p>Exact Shapley values (Shapley 1953) over all subsets; interactions as Grabisch "
         "and Roubens (1999).</p>\n";
}

}  // namespace

std::string explain_words(const Json& explain) {
  const int decimals = decimals_of(explain);
  std::vector<const Json*> order;
  for (const Json& one : explain.at("contributions")) order.push_back(&one);
  std::stable_sort(order.begin(), order.end(), [](const Json* a, const Json* b) {
    return value_of(a->at("shapley")).mean > value_of(b->at("shapley")).mean;
  });
  std::string words;
  for (const Json* one : order) {
    const Value shapley = value_of(one->at("shapley")), lost = value_of(one->at("leave_one_out"));
    const std::string name = one->at("name");
    std::string what;
    if (is_above(shapley))
      what =
          fmt::format("contributes {} of {}", signed_fixed(shapley.mean, decimals), unit(explain));
    else if (is_below(shapley))
      what = fmt::format("makes {} worse ({})", explain.at("metric").at("name").get<std::string>(),
                         signed_fixed(shapley.mean, decimals));
    else if (!std::isfinite(shapley.low))
      what = fmt::format("contributes {} of {}, of rows that allow no interval",
                         signed_fixed(shapley.mean, decimals), unit(explain));
    else
      what = "contributes nothing that can be told from chance";
    if (is_above(shapley) && !is_above(lost))
      what += ", but the others make up for it where it is missing";
    words += fmt::format("{} {}.\n", name, what);
  }
  for (const Json& pair : explain.at("pairs")) {
    const Value value = value_of(pair.at("interaction"));
    if (!is_above(value) && !is_below(value)) continue;
    words += fmt::format("{} {} ({}).\n", joined_names(pair.at("modalities")),
                         is_above(value) ? "complement each other" : "say much the same",
                         signed_fixed(value.mean, decimals));
  }
  return words;
}

std::string explain_table(const Json& explain, int width_columns) {
  std::string out = wrap(plain(fmt::format("{} rows; contributions to {}, all above 0 help",
                                           explain.at("rows").get<int64_t>(), unit(explain))),
                         width_columns) +
                    "\n\n" + contributions_table(explain).str() + "\n" +
                    pairs_table(explain).str() + "\n";
  const std::string words = explain_words(explain) + faithfulness_words(explain);
  for (size_t begin = 0; begin < words.size();) {
    const size_t end = words.find('\n', begin);
    out += wrap(plain(words.substr(begin, end - begin)), width_columns) + "\n";
    begin = end + 1;
  }
  return out;
}

std::string explain_page(const Json& explain) {
  const std::string target = explain.at("target");
  const std::string title = fmt::format("What each modality contributes: {}", target);
  const std::string head = fmt::format("<h1>{}</h1>\n", escape(title)) + about_html(explain);
  std::string lines = "<ul>\n";
  const std::string words = explain_words(explain) + faithfulness_words(explain);
  for (size_t begin = 0; begin < words.size();) {
    const size_t end = words.find('\n', begin);
    lines += "<li>" + escape(words.substr(begin, end - begin)) + "</li>\n";
    begin = end + 1;
  }
  return html_page(
      title, head + lines + "</ul>\n" +
                 section("contributions", "Contributions", contributions_chart(explain)) +
                 section("pairs", "Pairs", pairs_html(explain)) +
                 section("rows", "Row by row", leads_html(explain)) +
                 section("subsets", "When modalities are missing", subsets_chart(explain)) +
                 section("attention", "Where attention goes", attention_html(explain)) +
                 section("attribution", "What predictions are made of", attribution_html(explain)) +
                 section("samples", "Single rows", samples_html(explain)) +
                 section("measured", "How this was measured", limits_html(explain)));
}

}  // namespace braid::report
