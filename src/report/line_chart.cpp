#include "report/line_chart.h"

#include <algorithm>
#include <cmath>

#include "report/html.h"

namespace braid::report {
namespace {

constexpr double kWidth = 300;
constexpr double kHeight = 150;
constexpr double kLeft = 42;
constexpr double kRight = 292;
constexpr double kTop = 22;

}  // namespace

std::string line_chart(const LineChart& chart) {
  Range xs, ys;
  for (const LineSeries& series : chart.series) {
    for (const auto& [x, y] : series.points) {
      if (!std::isfinite(x) || !std::isfinite(y)) continue;
      xs.add(x);
      ys.add(y);
    }
  }
  if (ys.is_empty) return "";
  const double bottom = kHeight - (chart.x_name.empty() ? 20 : 36);
  const Scale x = xs.scale(kLeft, kRight, /*margin=*/0.02);
  const Scale y = (chart.y_range.is_empty ? ys : chart.y_range).scale(bottom, kTop);
  Svg svg(kWidth, kHeight, chart.title);
  Ticks epochs = nice_ticks(x.low, x.high, /*most=*/6);
  if (epochs.decimals > 0) {  // a handful of epochs: no tick at 1.5
    epochs = {{std::round(xs.low)}, 0};
    if (xs.high > xs.low) epochs.values.push_back(std::round(xs.high));
  }
  x_axis(svg, x, epochs, kTop, bottom, chart.x_name);
  y_axis(svg, y, nice_ticks(y.low, y.high, /*most=*/5), kLeft, kRight, kTop, chart.y_name);
  for (const LineSeries& series : chart.series) {
    std::vector<std::pair<double, double>> points;
    for (const auto& [at, value] : series.points) points.emplace_back(x(at), y(value));
    if (points.size() == 1)
      svg.circle(points[0].first, points[0].second, 3, "dot " + series.colour);
    if (points.size() > 1)
      svg.path(points, (series.is_thin ? "line thin " : "line ") + series.colour);
  }
  for (const LineMark& mark : chart.marks) {
    svg.circle(x(mark.x), y(mark.y), 3.6, "dot " + mark.colour, mark.tooltip);
  }
  return svg.str();
}

std::string legend(const std::vector<LegendEntry>& entries) {
  std::string out = "<p class=\"legend\">";
  for (const LegendEntry& entry : entries) {
    Svg sample(22, 12, entry.name);
    if (entry.is_dot) {
      sample.circle(11, 6, 4, "dot " + entry.colour);
    } else {
      sample.line(1, 6, 21, 6, "line " + entry.colour);
    }
    out += "<span>" + sample.str() + escape(entry.name) + "</span> ";
  }
  return out + "</p>\n";
}

}  // namespace braid::report
