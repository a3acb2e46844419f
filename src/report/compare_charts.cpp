#include "report/compare_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "report/dot_chart.h"
#include "report/heat_map.h"
#include "report/line_chart.h"
#include "report/text_table.h"

namespace braid::report {
namespace {

constexpr size_t kMostNumberedClasses = 30;

std::string family_heading(const std::string& family) {
  if (family == "single") return "SINGLE MODALITY";
  if (family == "linear") return "LINEAR BASELINE";
  if (family.empty()) return "OTHER";
  std::string heading = family + " fusion";
  for (char& c : heading) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return heading;
}

const Curve* curve_of_run(const MethodResult& method, size_t run) {
  for (const Curve& curve : method.curves) {
    if (curve.run == static_cast<int64_t>(run)) return &curve;
  }
  return nullptr;
}

LineSeries series_of(const Curve& curve, const std::vector<double>& values, const char* colour,
                     bool is_thin) {
  LineSeries series;
  series.colour = colour;
  series.is_thin = is_thin;
  for (size_t i = 0; i < std::min(curve.epoch.size(), values.size()); ++i) {
    series.points.emplace_back(curve.epoch[i], values[i]);
  }
  return series;
}

// Marks each run's best epoch on the curve that `values` picks.
void mark_best(LineChart& chart, const MethodResult& method, std::vector<double> Curve::*values) {
  for (size_t run = 0; run < method.runs.size(); ++run) {
    const Curve* curve = curve_of_run(method, run);
    if (curve == nullptr) continue;
    const size_t length = std::min(curve->epoch.size(), (curve->*values).size());
    for (size_t i = 0; i < length; ++i) {
      const double value = (curve->*values)[i];
      if (curve->epoch[i] != static_cast<double>(method.runs[run].best_epoch)) continue;
      chart.marks.push_back(
          {curve->epoch[i], value, "s1",
           fmt::format("seed {}, fold {}: best epoch {}, {}", method.runs[run].seed,
                       method.runs[run].fold, method.runs[run].best_epoch,
                       fixed(value, decimals_for(value)))});
    }
  }
}

std::vector<std::string> class_labels(const CompareData& data, size_t num_classes) {
  std::vector<std::string> labels = data.labels;
  for (size_t i = labels.size(); i < num_classes; ++i) labels.push_back(fmt::format("class {}", i));
  labels.resize(num_classes);
  return labels;
}

const Value* own_value(const CompareData& data, const std::string& name, const SubsetRow& row) {
  const MethodResult* method = data.find(name);
  if (method == nullptr) return nullptr;
  for (const SubsetValue& subset : method->subsets) {
    if (subset.modalities == row.modalities) return &subset.value;
  }
  return nullptr;
}

}  // namespace

std::string family_class(const std::string& family) {
  static const std::map<std::string, std::string> kClasses = {
      {"single", "s0"}, {"linear", "s5"}, {"early", "s4"}, {"late", "s2"}, {"hybrid", "s3"}};
  const auto found = kClasses.find(family);
  return found == kClasses.end() ? "s1" : found->second;
}

std::string metric_chart(const CompareData& data) {
  DotChart chart;
  chart.title = fmt::format("{} of every method with its interval", data.metric);
  chart.axis_name =
      fmt::format("{} ({} is better)", data.metric, data.higher_is_better ? "higher" : "lower");
  for (const MethodResult* method : data.by_family()) {
    DotRow row;
    row.group = family_heading(method->family);
    row.label = method->name;
    row.value = method->metric;
    for (const RunRow& run : method->runs) row.runs.push_back(run.metric);
    row.colour = family_class(method->family);
    row.text = with_interval(method->metric, data.decimals());
    row.tooltip = fmt::format("{}: {}", method->name, row.text);
    row.is_strong = method->name == data.winner;
    chart.rows.push_back(std::move(row));
  }
  if (const MethodResult* best = data.find(data.best_single)) {
    chart.reference = best->metric.mean;
    chart.reference_name = fmt::format("best single: {}", shorten(best->name, 24));
  }
  return dot_chart(chart);
}

std::string difference_chart(const CompareData& data) {
  DotChart chart;
  chart.title = fmt::format("difference in {} to the best single modality", data.metric);
  chart.axis_name = data.higher_is_better
                        ? fmt::format("difference in {}: right of zero is better", data.metric)
                        : fmt::format("difference in {}: left of zero is better", data.metric);
  for (const MethodResult* method : data.by_family()) {
    if (!method->has_difference || method->name == data.best_single) continue;
    const double sign = data.higher_is_better ? 1 : -1;
    const double low = sign * method->difference.low, high = sign * method->difference.high;
    DotRow row;
    row.group = family_heading(method->family);
    row.label = method->name;
    row.value = method->difference;
    row.colour = low > 0 && high > 0 ? "good" : low < 0 && high < 0 ? "bad" : "s5";
    row.text = with_interval(method->difference, data.decimals(), /*is_signed=*/true);
    row.tooltip = fmt::format("{}: {}", method->name, row.text);
    row.is_strong = method->name == data.winner;
    chart.rows.push_back(std::move(row));
  }
  chart.reference = 0;
  chart.reference_name = fmt::format("no difference to {}", shorten(data.best_single, 24));
  return dot_chart(chart);
}

std::string loss_chart(const MethodResult& method) {
  LineChart chart;
  chart.title = fmt::format("training and validation loss of {} by epoch", method.name);
  chart.y_name = "loss";
  const bool is_thin = method.curves.size() > 1;
  for (const Curve& curve : method.curves) {
    chart.series.push_back(series_of(curve, curve.train_loss, "s5", is_thin));
    chart.series.push_back(series_of(curve, curve.validation_loss, "s0", is_thin));
  }
  mark_best(chart, method, &Curve::validation_loss);
  return line_chart(chart);
}

std::string validation_chart(const CompareData& data, const MethodResult& method,
                             const Range& shared) {
  LineChart chart;
  chart.title = fmt::format("validation {} of {} by epoch", data.metric, method.name);
  chart.y_name = "validation " + data.metric;
  chart.x_name = "epoch";
  chart.y_range = shared;
  for (const Curve& curve : method.curves) {
    chart.series.push_back(
        series_of(curve, curve.validation_metric, "s0", method.curves.size() > 1));
  }
  mark_best(chart, method, &Curve::validation_metric);
  return line_chart(chart);
}

Range validation_range(const CompareData& data) {
  Range range;
  for (const MethodResult& method : data.methods) {
    for (const Curve& curve : method.curves) {
      for (double value : curve.validation_metric) range.add(value);
    }
  }
  return range;
}

std::string confusion_chart(const CompareData& data, const MethodResult& method) {
  const auto& counts = method.confusion;
  const size_t num_classes = counts.size();
  if (num_classes == 0) return "";
  std::vector<double> totals;
  for (const auto& row : counts) totals.push_back(std::accumulate(row.begin(), row.end(), 0.0));
  HeatMap map;
  map.title = fmt::format("confusion matrix of {}", method.name);
  map.row_name = "TRUTH";
  map.column_name = "PREDICTED";
  map.rows = map.columns = class_labels(data, num_classes);
  const double room = 560.0 / static_cast<double>(num_classes);
  map.cell_width = std::clamp(room, num_classes > kMostNumberedClasses ? 2.5 : 22.0, 64.0);
  map.cell_height = std::min(map.cell_width, 44.0);
  map.shade = [&](size_t r, size_t c) { return totals[r] > 0 ? counts[r][c] / totals[r] : 0.0; };
  if (num_classes <= kMostNumberedClasses) {
    map.text = [&](size_t r, size_t c) {
      const double count = counts[r][c];
      if (!(count >= 10000)) return fixed(count, 0);
      return short_count(static_cast<int64_t>(std::min(count, 1e15)));
    };
  }
  map.tooltip = [&](size_t r, size_t c) {
    return fmt::format("truth {}, predicted {}: {} ({} of the class)", map.rows[r], map.columns[c],
                       fixed(counts[r][c], 0), percent(map.shade(r, c)));
  };
  return heat_map(map);
}

double calibration_error(const std::vector<CalibrationBin>& bins) {
  double gaps = 0, count = 0;
  for (const CalibrationBin& bin : bins) {
    const double gap = std::abs(bin.accuracy - bin.confidence);
    if (!std::isfinite(gap)) continue;
    gaps += gap * bin.count;
    count += bin.count;
  }
  return count > 0 ? gaps / count : kAbsent;
}

std::string calibration_chart(const std::string& name, const std::vector<CalibrationBin>& bins,
                              const std::string& colour) {
  double most = 0;
  for (const CalibrationBin& bin : bins) most = std::max(most, bin.count);
  if (most == 0) return "";
  constexpr double kLeft = 44, kRight = 324, kTop = 22, kBottom = 302, kFoot = 396;
  Svg svg(340, 434, fmt::format("reliability diagram of {}", name));
  const Scale x{0, 1, kLeft, kRight}, y{0, 1, kBottom, kTop}, size{0, most, kFoot, kBottom + 24};
  const Ticks ticks = nice_ticks(0, 1, /*most=*/6);
  y_axis(svg, y, ticks, kLeft, kRight, kTop, "share that was right");
  x_axis(svg, x, ticks, kTop, kFoot, "confidence of the prediction");
  svg.line(kLeft, kBottom, kRight, kBottom, "axis");
  svg.line(x(0), y(0), x(1), y(1), "reference");
  std::vector<std::pair<double, double>> points;
  for (const CalibrationBin& bin : bins) {
    if (bin.count > 0) points.emplace_back(x(bin.confidence), y(bin.accuracy));
  }
  svg.path(points, "line thin " + colour);
  const double width =
      (kRight - kLeft) / std::max<double>(10, static_cast<double>(bins.size())) - 3;
  for (const CalibrationBin& bin : bins) {
    if (bin.count <= 0) continue;
    const std::string words =
        fmt::format("confidence {}: right {}, {} predictions", fixed(bin.confidence, 3),
                    fixed(bin.accuracy, 3), fixed(bin.count, 0));
    svg.circle(x(bin.confidence), y(bin.accuracy), 3 + 5 * std::sqrt(bin.count / most),
               "dot " + colour, words);
    const double left = std::clamp(x(bin.confidence) - width / 2, kLeft, kRight - width);
    svg.rect(left, size(bin.count), width, kFoot - size(bin.count), "column " + colour, 1, words);
  }
  svg.text(kLeft, kBottom + 16, fmt::format("predictions (highest column: {})", fixed(most, 0)),
           Anchor::start, "soft");
  return svg.str();
}

std::string scatter_chart(const CompareData& data, const MethodResult& method) {
  Range range;  // one for both axes, so that the diagonal is the right answer
  for (const auto& [target, predicted] : method.scatter) {
    range.add(target);
    range.add(predicted);
  }
  if (range.is_empty) return "";
  constexpr double kLeft = 58, kRight = 398, kTop = 22, kBottom = 362;
  Svg svg(410, 400, fmt::format("predicted against true values of {}", method.name));
  const Scale x = range.scale(kLeft, kRight), y = range.scale(kBottom, kTop);
  const Ticks ticks = nice_ticks(x.low, x.high, /*most=*/6);
  y_axis(svg, y, ticks, kLeft, kRight, kTop, "predicted");
  x_axis(svg, x, ticks, kTop, kBottom, fmt::format("true {}", shorten(data.target, 32)));
  svg.line(x(x.low), y(x.low), x(x.high), y(x.high), "reference");
  const int decimals = decimals_for(std::max(std::abs(range.low), std::abs(range.high)));
  for (const auto& [target, predicted] : method.scatter) {
    svg.circle(
        x(target), y(predicted), 3, "faint " + family_class(method.family),
        fmt::format("true {}, predicted {}", fixed(target, decimals), fixed(predicted, decimals)));
  }
  return svg.str();
}

std::string subset_chart(const CompareData& data) {
  Range range;
  for (const SubsetRow& row : data.subsets) {
    for (const auto& [name, value] : row.methods) range.add(value);
  }
  HeatMap map;
  map.title = fmt::format("{} of each method for each subset of modalities", data.metric);
  map.row_name = "PRESENT";
  map.column_name = "METHOD";
  map.columns = subset_methods(data);
  for (const SubsetRow& row : data.subsets) map.rows.push_back(join_modalities(row.modalities));
  map.longest_label = 36;
  map.cell_width = 54;
  map.cell_height = 27;
  map.shade = [&](size_t r, size_t c) {
    const double value = subset_value(data.subsets[r], map.columns[c]);
    if (!std::isfinite(value)) return kAbsent;
    const double share =
        range.high > range.low ? (value - range.low) / (range.high - range.low) : 0.5;
    return 0.05 + 0.9 * (data.higher_is_better ? share : 1 - share);
  };
  map.text = [&](size_t r, size_t c) {
    return fixed(subset_value(data.subsets[r], map.columns[c]), data.decimals());
  };
  map.tooltip = [&](size_t r, size_t c) {
    const Value* own = own_value(data, map.columns[c], data.subsets[r]);
    return fmt::format("{} with {}: {}", map.columns[c], map.rows[r],
                       own != nullptr ? with_interval(*own, data.decimals()) : map.text(r, c));
  };
  return heat_map(map);
}

}  // namespace braid::report
