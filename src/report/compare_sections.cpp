// The page's summary, data, numbers and method sections; compare_diagnostics.cpp holds what looks
// inside one method.
#include "report/compare_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/compare_charts.h"
#include "report/html.h"
#include "report/text_table.h"

namespace braid::report {
namespace {

std::string fact(std::string_view name, const std::string& value_html,
                 std::string_view small = "") {
  std::string out = fmt::format("<div><dt>{}</dt><dd>{}", escape(name), value_html);
  if (!small.empty()) out += "<small>" + escape(small) + "</small>";
  return out + "</dd></div>\n";
}

std::string count_text(int64_t count) { return count < 0 ? "n/a" : fmt::format("{}", count); }

std::string interval_words(const CompareData& data) {
  return std::isfinite(data.level) ? fmt::format("{}% interval", fixed(data.level * 100, 0))
                                   : "bootstrap interval";
}

std::string name_html(const CompareData& data, const MethodResult& method) {
  std::string chips;
  if (method.name == data.winner) chips += " <span class=\"chip\">winner</span>";
  if (method.name == data.best_single) chips += " <span class=\"chip\">best single</span>";
  const bool is_short = display_width(method.name) <= 20;
  return is_short ? "<span class=\"keep\">" + escape(method.name) + chips + "</span>"
                  : escape(method.name) + chips;
}

// "95% interval [0.853, 0.912]"
std::string interval_fact(const CompareData& data, const Value& value, bool is_signed) {
  if (!std::isfinite(value.low) || !std::isfinite(value.high)) return "";
  const auto write = is_signed ? signed_fixed : fixed;
  return fmt::format("{} [{}, {}]", interval_words(data), write(value.low, data.decimals()),
                     write(value.high, data.decimals()));
}

HtmlTable metrics_table(const CompareData& data) {
  HtmlTable table;
  table.caption =
      "Every metric on the test rows, with its " + interval_words(data) + " where there is one.";
  table.columns = {{"method"}};
  std::vector<std::string> names;
  for (const MethodResult& method : data.methods) {
    for (const auto& [name, value] : method.metrics) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  for (const std::string& name : names) table.columns.push_back({name, /*is_number=*/true});
  for (const MethodResult* method : data.by_metric()) {
    std::vector<HtmlCell> row = {{name_html(data, *method), kAbsent}};
    for (const std::string& name : names) {
      Value value;
      for (const auto& [own, own_value] : method->metrics) {
        if (own == name) value = own_value;
      }
      row.push_back(number_cell(with_interval(value, decimals_for(value.mean)), value.mean));
    }
    table.rows.push_back(std::move(row));
    table.strong.push_back(method->name == data.winner);
  }
  if (names.empty()) table.rows.clear();
  return table;
}

HtmlTable summary_table(const CompareData& data) {
  HtmlTable table;
  table.columns = {{"method"},
                   {"family"},
                   {data.metric, true},
                   {"vs best single", true},
                   {"p, corrected", true},
                   {"validation", true},
                   {"parameters", true},
                   {"training", true},
                   {"latency", true}};
  for (const MethodResult* method : data.by_metric()) {
    const bool is_best_single = method->name == data.best_single;
    const std::string difference =
        is_best_single ? "reference" : with_interval(method->difference, data.decimals(), true);
    table.rows.push_back(
        {{name_html(data, *method), kAbsent},
         text_cell(method->family.empty() ? "n/a" : method->family),
         number_cell(with_interval(method->metric, data.decimals()), method->metric.mean),
         number_cell(difference, is_best_single ? 0 : method->difference.mean),
         number_cell(fixed(method->corrected_p, 3), method->corrected_p),
         number_cell(fixed(method->validation, data.decimals()), method->validation),
         number_cell(short_count(method->parameters),
                     method->parameters < 0 ? kAbsent : static_cast<double>(method->parameters)),
         number_cell(duration(method->train_seconds), method->train_seconds),
         number_cell(milliseconds(method->latency_ms), method->latency_ms)});
    table.strong.push_back(method->name == data.winner);
  }
  return table;
}

std::string modality_table(const CompareData& data) {
  if (data.modalities.empty()) return "";
  HtmlTable table;
  table.caption = "Share of rows that have each modality.";
  table.columns = {{"modality"}, {"kind"}, {"fields"}, {"train"}, {"validation"}, {"test"}};
  table.is_sortable = false;
  for (const ModalityRow& row : data.modalities) {
    table.rows.push_back({text_cell(row.name),
                          text_cell(row.kind),
                          text_cell(fmt::format("{}", fmt::join(row.fields, ", "))),
                          {share_bar(row.train), row.train},
                          {share_bar(row.validation), row.validation},
                          {share_bar(row.test), row.test}});
  }
  return html_table(table);
}

std::string skipped_list(const std::vector<std::string>& skipped) {
  if (skipped.empty()) return "";
  // A manifest with a broken folder may skip every row; the page stays readable.
  constexpr size_t kMost = 200;
  std::string out = fmt::format("<details><summary>{} skipped row{}</summary>\n<ul>\n",
                                skipped.size(), skipped.size() == 1 ? "" : "s");
  for (size_t i = 0; i < std::min(kMost, skipped.size()); ++i)
    out += "<li>" + escape(skipped[i]) + "</li>\n";
  if (skipped.size() > kMost) out += fmt::format("<li>and {} more</li>\n", skipped.size() - kMost);
  return out + "</ul></details>\n";
}

std::string split_words(const CompareData& data) {
  std::string out;
  if (data.folds > 1) {
    out = fmt::format(
        "{} rows were split into {} folds; each fold was the test set once while the others "
        "trained and "
        "validated.",
        count_text(data.rows), data.folds);
  } else {
    out = fmt::format("{} rows were split once: {} to train, {} to validate, {} to test.",
                      count_text(data.rows), count_text(data.train), count_text(data.validation),
                      count_text(data.test));
  }
  if (!data.group.empty()) {
    out += fmt::format(
        " Rows with the same {} always stay in the same part, and intervals draw whole groups.",
        data.group);
  }
  if (data.seeds > 1) {
    out += fmt::format(
        " Every method was trained with {} random seeds; the numbers are means over these runs.",
        data.seeds);
  }
  return out;
}

}  // namespace

std::string verdict_box(const CompareData& data) {
  const auto bold = [](const std::string& text) { return "<b>" + escape(text) + "</b>"; };
  std::string facts;
  const MethodResult* winner = data.find(data.winner);
  const MethodResult* single = data.find(data.best_single);
  if (winner != nullptr) {
    facts += fact("Winner (chosen on validation)", bold(winner->name), winner->family);
    facts += fact("Its " + data.metric, bold(fixed(winner->metric.mean, data.decimals())),
                  interval_fact(data, winner->metric, false));
  }
  if (single != nullptr && single != winner) {
    facts += fact(fmt::format("Best single: {}", single->name),
                  bold(fixed(single->metric.mean, data.decimals())),
                  interval_fact(data, single->metric, false));
  }
  if (winner != nullptr && winner->has_difference && winner != single) {
    facts += fact("Difference", bold(signed_fixed(winner->difference.mean, data.decimals())),
                  interval_fact(data, winner->difference, true));
  }
  const std::string verdict = data.verdict.empty() ? "No verdict was recorded." : data.verdict;
  std::string out = "<div class=\"verdict\">\n<p>" + escape(verdict) + "</p>\n";
  if (!facts.empty()) out += "<dl class=\"facts\">\n" + facts + "</dl>\n";
  return out + "</div>\n";
}

std::string data_section(const CompareData& data) {
  std::string out;
  for (const std::string& warning : data.warnings)
    out += "<p class=\"warning\">" + escape(warning) + "</p>\n";
  out += "<dl class=\"facts\">\n";
  out += fact("Task", escape(data.task.empty() ? "n/a" : data.task),
              data.target.empty() ? "" : "target: " + data.target);
  out += fact("Rows", count_text(data.rows));
  if (data.folds > 1) {
    out += fact("Folds", count_text(data.folds));
  } else {
    out += fact("Train / validation / test",
                fmt::format("{} / {} / {}", count_text(data.train), count_text(data.validation),
                            count_text(data.test)));
  }
  if (!data.labels.empty()) out += fact("Classes", fmt::format("{}", data.labels.size()));
  if (!data.group.empty()) out += fact("Kept together by", escape(data.group));
  if (data.seeds >= 0) out += fact("Seeds per method", count_text(data.seeds));
  return out + "</dl>\n" + modality_table(data) + skipped_list(data.skipped);
}

std::string results_section(const CompareData& data) {
  if (data.methods.empty()) return "<p>No method finished.</p>\n";
  return figure(
      metric_chart(data),
      fmt::format("Dot: mean over runs. Whisker: {}. Faint dots: single runs. Ring: the winner. "
                  "Dashed: the best single modality.",
                  interval_words(data)));
}

std::string difference_section(const CompareData& data) {
  return figure(
      difference_chart(data),
      fmt::format("Paired difference to {} on the same test rows, with its {}. Blue: better, "
                  "orange: worse, grey: "
                  "the interval holds zero, so the data do not tell.",
                  escape(data.best_single.empty() ? "the best single modality" : data.best_single),
                  interval_words(data)));
}

std::string table_section(const CompareData& data) {
  if (data.methods.empty()) return "";
  const HtmlTable metrics = metrics_table(data);
  return html_table(summary_table(data)) + (metrics.rows.empty() ? "" : html_table(metrics));
}

std::string subsets_section(const CompareData& data) {
  return figure(
      subset_chart(data),
      fmt::format("{} on the test rows when a method is given only the modalities of the "
                  "row and the others are "
                  "withheld. The stronger the colour, the better; an empty cell was not measured.",
                  escape(data.metric)));
}

std::string weights_section(const CompareData& data) {
  HtmlTable table;
  table.caption =
      "Mean weight that a method gave each modality on the test rows, for methods that have "
      "weights.";
  table.columns = {{"method"}};
  table.is_sortable = false;
  std::vector<std::string> names;
  for (const MethodResult& method : data.methods) {
    for (const auto& [name, weight] : method.weights) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  for (const std::string& name : names) table.columns.push_back({name});
  for (const MethodResult* method : data.by_family()) {
    if (method->weights.empty()) continue;
    std::vector<HtmlCell> row = {{name_html(data, *method), kAbsent}};
    for (const std::string& name : names) {
      double weight = kAbsent;
      for (const auto& [own, own_weight] : method->weights) {
        if (own == name) weight = own_weight;
      }
      row.push_back({share_bar(weight), weight});
    }
    table.rows.push_back(std::move(row));
  }
  return table.rows.empty() ? "" : html_table(table);
}

std::string methods_section(const CompareData& data) {
  HtmlTable table;
  table.columns = {{"method"}, {"family"}, {"reads"}, {"what it does"}};
  table.is_sortable = false;
  for (const MethodResult* method : data.by_family()) {
    table.rows.push_back({{name_html(data, *method), kAbsent},
                          text_cell(method->family),
                          text_cell(join_modalities(method->modalities)),
                          text_cell(method->summary)});
  }
  return table.rows.empty() ? "" : html_table(table);
}

std::string measured_section(const CompareData& data) {
  std::string out = "<p>" + escape(split_words(data)) + "</p>\n";
  out += fmt::format(
      "<p>Each trained run keeps the epoch that is best on the validation rows, and the winner is "
      "the "
      "method with the "
      "best mean {} on validation. Test rows take part in no choice; they are only scored at the "
      "end.</p>\n",
      escape(data.metric));
  std::string resampled = "Intervals come from a bootstrap that redraws runs and test rows";
  if (data.resamples > 0) resampled += fmt::format(" {} times", data.resamples);
  out += fmt::format(
      "<p>{}; differences redraw the same rows for both methods. Latency is the time of one "
      "prediction, training "
      "time that of one run, on the machine below. The corrected p says how often a difference as "
      "large would turn up anywhere in the table, were no method different from the best single "
      "modality.</p>\n",
      resampled);
  for (const std::string& note : data.notes) out += "<p>" + escape(note) + "</p>\n";
  out += "<dl class=\"facts\">\n";
  if (!data.cpu.empty()) {
    std::string small =
        fmt::format("{} cores, {} threads used", count_text(data.cores), count_text(data.threads));
    out += fact("Machine", escape(data.cpu), small);
  }
  if (data.seed >= 0) out += fact("First seed", count_text(data.seed));
  if (!data.fingerprint.empty())
    out += fact("Data fingerprint", "<code>" + escape(data.fingerprint) + "</code>");
  out += "</dl>\n";
  if (!data.command.empty()) out += "<h3>Repeat it</h3>\n<pre>" + escape(data.command) + "</pre>\n";
  return out;
}

}  // namespace braid::report
