// The page's sections on choosing: advice before fusing, the search of settings, what a better
// result costs; and the same in words for the terminal.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/compare_charts.h"
#include "report/compare_sections.h"
#include "report/html.h"
#include "report/text_table.h"

namespace braid::report {
namespace {

constexpr double kWidth = 640, kHeight = 320, kLeft = 56, kRight = 620, kTop = 26, kBottom = 276;

bool is_on_front(const CompareData& data, const std::string& name) {
  return std::find(data.front.begin(), data.front.end(), name) != data.front.end();
}

// Ticks at 1, 2 and 5 times powers of ten within the scale of logarithms.
void milliseconds_axis(Svg& svg, const Scale& x) {
  for (int power = -4; power <= 5; ++power)
    for (double digit : {1.0, 2.0, 5.0}) {
      const double ms = digit * std::pow(10.0, power), at = std::log10(ms);
      if (at < x.low || at > x.high) continue;
      svg.line(x(at), kTop, x(at), kBottom, "gridline");
      svg.text(x(at), kBottom + 16, fmt::format("{:g}", ms), Anchor::middle, "soft");
    }
  svg.text((kLeft + kRight) / 2, kBottom + 36, "latency of one row, ms", Anchor::middle, "soft");
}

// "80% less", "12% more", "the same"
std::string share_text(double change) {
  if (!std::isfinite(change)) return "n/a";
  if (std::abs(change) < 0.005) return "the same";
  return fmt::format("{:.0f}% {}", 100 * std::abs(change), change < 0 ? "less" : "more");
}

std::string front_names(const CompareData& data) {
  return fmt::format("{}", fmt::join(data.front, ", "));
}

HtmlTable without_table(const CompareData& data) {
  HtmlTable table;
  table.caption = fmt::format(
      "{} as it was trained, without some of its modalities: what is lost, and what is saved.",
      data.winner);
  table.columns = {
      {"without"}, {data.metric + ", difference", true}, {"latency", true}, {"cost", true}};
  for (const WithoutRow& row : data.without)
    table.rows.push_back(
        {text_cell(join_modalities(row.modalities)),
         number_cell(with_interval(row.difference, data.decimals(), true), row.difference.mean),
         number_cell(share_text(row.latency_change), row.latency_change),
         number_cell(share_text(row.cost_change), row.cost_change)});
  return table;
}

HtmlTable rung_table(const CompareData& data, const Rung& rung) {
  HtmlTable table;
  table.caption =
      fmt::format("After {} epochs, by {} on the validation rows.", rung.epochs, data.metric);
  table.columns = {{"method"}, {"settings"}, {"validation", true}, {"goes on"}};
  std::vector<CandidateRow> rows = rung.candidates;
  std::stable_sort(rows.begin(), rows.end(), [&](const CandidateRow& a, const CandidateRow& b) {
    if (!std::isfinite(b.validation)) return std::isfinite(a.validation);
    return data.higher_is_better ? a.validation > b.validation : a.validation < b.validation;
  });
  for (const CandidateRow& row : rows) {
    table.rows.push_back({text_cell(row.method), text_cell(row.settings),
                          number_cell(fixed(row.validation, data.decimals()), row.validation),
                          text_cell(row.goes_on ? "yes" : "")});
    table.strong.push_back(row.goes_on);
  }
  return table;
}

}  // namespace

std::string cost_chart(const CompareData& data) {
  Range xs, ys;
  for (const MethodResult& method : data.methods) {
    if (!(method.latency_ms > 0) || !std::isfinite(method.metric.mean)) continue;
    xs.add(std::log10(method.latency_ms));
    ys.add(method.metric.mean);
  }
  if (ys.is_empty) return "";
  const Scale x = xs.scale(kLeft, kRight, 0.08), y = ys.scale(kBottom, kTop, 0.08);
  Svg svg(kWidth, kHeight, fmt::format("{} over latency", data.metric), /*min_width=*/420);
  milliseconds_axis(svg, x);
  y_axis(svg, y, nice_ticks(y.low, y.high, 6), kLeft, kRight, kTop, data.metric);
  std::vector<std::pair<double, double>> labelled;  // names do not lie on one another
  for (const MethodResult& method : data.methods) {
    if (!(method.latency_ms > 0) || !std::isfinite(method.metric.mean)) continue;
    const double at = x(std::log10(method.latency_ms)), height = y(method.metric.mean);
    const bool is_front = is_on_front(data, method.name);
    if (is_front) svg.circle(at, height, 8, "ring");
    svg.circle(at, height, 4.5, "dot " + family_class(method.family),
               fmt::format("{}: {}, {}, {} parameters", method.name,
                           fixed(method.metric.mean, data.decimals()),
                           milliseconds(method.latency_ms), short_count(method.parameters)));
    const auto is_near = [&](const std::pair<double, double>& other) {
      return std::abs(other.first - at) < 110 && std::abs(other.second - height) < 13;
    };
    if (!is_front || std::any_of(labelled.begin(), labelled.end(), is_near)) continue;
    labelled.emplace_back(at, height);
    const bool is_right = at > kRight - 110;
    svg.text(at + (is_right ? -11 : 11), height + 4, shorten(method.name, 20),
             is_right ? Anchor::end : Anchor::start);
  }
  return svg.str();
}

std::string advice_section(const CompareData& data) {
  const AdviceRow& advice = data.advice;
  if (advice.family.empty()) return "";
  std::string out = "<ul>\n";
  for (const std::string& reason : advice.reasons) out += "<li>" + escape(reason) + "</li>\n";
  out += "</ul>\n<p>";
  out += advice.family == "single"
             ? std::string("No family of fusions is advised.")
             : fmt::format("The family to try: <b>{}</b>.", escape(advice.family));
  if (!advice.methods.empty())
    out += fmt::format(" Methods: {}.", escape(fmt::format("{}", fmt::join(advice.methods, ", "))));
  return out +
         "</p>\n<p>Rules of thumb on training and validation rows; the results below are the "
         "measurement.</p>\n";
}

std::string costs_section(const CompareData& data) {
  if (data.front.empty()) return "";
  std::string out = figure(
      cost_chart(data),
      fmt::format(
          "Each dot a method. Ringed: no other method is at least as good in validation "
          "result, latency, parameters and the cost of its modalities, and better in one: {}.",
          escape(front_names(data))));
  if (!data.without.empty()) out += html_table(without_table(data));
  return out;
}

std::string search_section(const CompareData& data) {
  if (data.rungs.empty()) return "";
  std::string out = fmt::format(
      "<p>Successive halving: every candidate of a table trained for the same epochs, and only the "
      "best went on from where they stood. {} epochs were trained in place of {} for all.</p>\n",
      data.search_epochs, data.search_epochs_of_all);
  for (const Rung& rung : data.rungs) out += html_table(rung_table(data, rung));
  return out;
}

std::string choice_text(const CompareData& data, int width) {
  std::string out;
  if (!data.advice.family.empty()) {
    out += "\n" +
           wrap(plain(fmt::format("advice: {}; {}", data.advice.family,
                                  fmt::join(data.advice.reasons, "; "))),
                width) +
           "\n";
  }
  if (data.search_epochs >= 0)
    out += wrap(fmt::format("search: {} epochs in place of {} for all candidates",
                            data.search_epochs, data.search_epochs_of_all),
                width) +
           "\n";
  int64_t num_better = 0, num_compared = 0;
  for (const MethodResult& method : data.methods) {
    if (!std::isfinite(method.corrected_p)) continue;
    ++num_compared;
    const bool is_better =
        data.higher_is_better ? method.difference.mean > 0 : method.difference.mean < 0;
    num_better += method.corrected_p < 0.05 && is_better;
  }
  if (num_compared > 1)
    out +=
        wrap(fmt::format("corrected for {} comparisons, {} {} better than the best single modality "
                         "(p < 0.05)",
                         num_compared, num_better, num_better == 1 ? "method is" : "methods are"),
             width) +
        "\n";
  for (const WithoutRow& row : data.without)
    if (row.modalities.size() == 1)
      out +=
          wrap(plain(fmt::format("without {}: {} {}, latency {}, cost {}", row.modalities[0],
                                 with_interval(row.difference, data.decimals(), true), data.metric,
                                 share_text(row.latency_change), share_text(row.cost_change))),
               width) +
          "\n";
  if (data.stress.is_object())
    for (const Json& claim : data.stress.at("claims"))
      out += wrap(plain(claim.get<std::string>()), width) + "\n";
  return out;
}

}  // namespace braid::report
