#include "report/dot_chart.h"

#include <algorithm>
#include <cmath>

#include "report/svg.h"
#include "report/text_table.h"

namespace braid::report {
namespace {

constexpr double kWidth = 760;
constexpr double kRowHeight = 25;
constexpr double kGroupHeight = 26;
constexpr double kTop = 26;     // the reference line's name
constexpr double kBottom = 42;  // tick labels and the axis' name
constexpr int kLongestLabel = 24;
constexpr double kBoldSize = 13.5;  // bold letters of size 12 are as wide as plain ones of this

struct Layout {
  double left = 0, right = 0, height = 0;
  Scale x;
};

Layout lay_out(const DotChart& chart) {
  double label = 0, text = 0, rows = 0;
  Range range;
  range.add(chart.reference);
  std::string group;
  for (const DotRow& row : chart.rows) {
    label = std::max(label, text_width(shorten(row.label, kLongestLabel)));
    text = std::max(text, text_width(row.text, row.is_strong ? kBoldSize : 12));
    if (!row.group.empty() && row.group != group) {
      rows += kGroupHeight;
      label = std::max(label, text_width(row.group, kBoldSize) - 14);
    }
    group = row.group;
    rows += kRowHeight;
    for (double value : {row.value.mean, row.value.low, row.value.high}) range.add(value);
    for (double value : row.runs) range.add(value);
  }
  Layout layout;
  layout.left = std::max(60.0, label + 26);
  layout.right = kWidth - text - 10;
  layout.height = rows;
  layout.x = range.scale(layout.left, layout.right);
  return layout;
}

void draw_row(Svg& svg, const DotRow& row, const Layout& layout, double y) {
  const std::string label = shorten(row.label, kLongestLabel);
  svg.text(layout.left - 12, y + 4, label, Anchor::end, row.is_strong ? "bold" : "", 0,
           label == row.label ? "" : row.label);
  for (double run : row.runs) svg.circle(layout.x(run), y + 9, 2.2, "faint " + row.colour);
  svg.whisker(layout.x(row.value.low), layout.x(row.value.mean), layout.x(row.value.high), y,
              row.colour, row.tooltip);
  if (row.is_strong) svg.circle(layout.x(row.value.mean), y, 8, "ring");
  svg.text(layout.right + 12, y + 4, row.text, Anchor::start, row.is_strong ? "bold" : "");
}

}  // namespace

std::string dot_chart(const DotChart& chart) {
  if (chart.rows.empty()) return "";
  const Layout layout = lay_out(chart);
  const double bottom = kTop + layout.height + 6;
  Svg svg(kWidth, bottom + kBottom, chart.title, /*min_width=*/560);
  x_axis(svg, layout.x, nice_ticks(layout.x.low, layout.x.high, /*most=*/7), kTop, bottom,
         chart.axis_name);
  const double reference = layout.x(chart.reference);
  svg.line(reference, kTop, reference, bottom, "reference");
  if (std::isfinite(reference)) {
    // Near an edge a centred name would run out of the drawing.
    const double half = text_width(chart.reference_name, 11) / 2;
    const double at = std::clamp(reference, half, std::max(half, kWidth - half));
    svg.text(at, kTop - 9, chart.reference_name, Anchor::middle, "soft");
  }
  double y = kTop;
  std::string group;
  for (const DotRow& row : chart.rows) {
    if (!row.group.empty() && row.group != group) {
      svg.text(0, y + kGroupHeight - 8, row.group, Anchor::start, "head");
      y += kGroupHeight;
    }
    group = row.group;
    draw_row(svg, row, layout, y + kRowHeight / 2);
    y += kRowHeight;
  }
  return svg.str();
}

}  // namespace braid::report
