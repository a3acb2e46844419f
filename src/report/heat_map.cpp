#include "report/heat_map.h"

#include <algorithm>
#include <cmath>

#include "report/svg.h"
#include "report/text_table.h"

namespace braid::report {
namespace {

constexpr double kLetterHeight = 13;
constexpr double kTurnedHeight = 19;  // of letters turned by 45 degrees
constexpr double kDark = 0.7;         // above this shade, text in the paper's colour reads better

struct Layout {
  double left = 0, top = 0, width = 0, height = 0;  // of the cells
  bool is_turned = false;                           // column labels
  double overhang = 0;                              // of turned labels, right of the cells
};

// Turned labels make the drawing high, so they are cut sooner.
std::string column_label(const HeatMap& map, const std::string& name) {
  return shorten(name, std::min(map.longest_label, 22));
}

Layout lay_out(const HeatMap& map) {
  double rows = 0, columns = 0;
  for (const std::string& row : map.rows) {
    rows = std::max(rows, text_width(shorten(row, map.longest_label)));
  }
  for (const std::string& column : map.columns) {
    columns = std::max(columns, text_width(column_label(map, column)));
  }
  Layout layout;
  layout.is_turned = columns > map.cell_width - 2;
  layout.width = map.cell_width * static_cast<double>(map.columns.size());
  layout.height = map.cell_height * static_cast<double>(map.rows.size());
  layout.left = rows + 10 + (map.row_name.empty() ? 0 : 20);
  layout.top = (layout.is_turned ? columns * 0.71 + 16 : 20) + (map.column_name.empty() ? 0 : 18);
  layout.overhang = layout.is_turned ? columns * 0.71 : 0;
  return layout;
}

void draw_labels(Svg& svg, const HeatMap& map, const Layout& layout) {
  const auto every = [](double letter, double size) {
    return static_cast<size_t>(std::max(1.0, std::ceil(letter / size)));
  };
  for (size_t r = 0; r < map.rows.size(); r += every(kLetterHeight, map.cell_height)) {
    const std::string label = shorten(map.rows[r], map.longest_label);
    const double y = layout.top + (static_cast<double>(r) + 0.5) * map.cell_height + 4;
    svg.text(layout.left - 8, y, label, Anchor::end, "", 0,
             label == map.rows[r] ? "" : map.rows[r]);
  }
  const size_t step = layout.is_turned ? every(kTurnedHeight, map.cell_width) : 1;
  for (size_t c = 0; c < map.columns.size(); c += step) {
    const std::string label = column_label(map, map.columns[c]);
    const double x = layout.left + (static_cast<double>(c) + 0.5) * map.cell_width;
    svg.text(layout.is_turned ? x + 3 : x, layout.top - 7, label,
             layout.is_turned ? Anchor::start : Anchor::middle, "", layout.is_turned ? -45 : 0,
             label == map.columns[c] ? "" : map.columns[c]);
  }
  if (!map.column_name.empty()) svg.text(layout.left, 11, map.column_name, Anchor::start, "head");
  if (!map.row_name.empty()) {
    svg.text(12, layout.top + layout.height / 2, map.row_name, Anchor::middle, "head", -90);
  }
}

void draw_cell(Svg& svg, const HeatMap& map, const Layout& layout, size_t r, size_t c) {
  const double shade = map.shade(r, c);
  const std::string text = map.text ? map.text(r, c) : "";
  if (shade == 0 && text.empty()) return;
  const double x = layout.left + static_cast<double>(c) * map.cell_width;
  const double y = layout.top + static_cast<double>(r) * map.cell_height;
  const double gap = map.cell_width > 12 ? 1 : 0;
  const bool is_empty = !std::isfinite(shade);
  svg.rect(x, y, map.cell_width - gap, map.cell_height - gap, is_empty ? "empty" : "heat",
           is_empty ? 1 : std::clamp(shade, 0.0, 1.0), map.tooltip ? map.tooltip(r, c) : "");
  if (text.empty()) return;
  std::string classes = map.cell_width < 34 ? "tiny" : "";
  if (shade > kDark) classes += classes.empty() ? "on" : " on";
  svg.text(x + map.cell_width / 2, y + map.cell_height / 2 + (map.cell_width < 34 ? 3 : 4), text,
           Anchor::middle, classes);
}

}  // namespace

std::string heat_map(const HeatMap& map) {
  if (map.rows.empty() || map.columns.empty()) return "";
  const Layout layout = lay_out(map);
  const double width = layout.left + layout.width + std::max(2.0, layout.overhang);
  Svg svg(width, layout.top + layout.height + 4, map.title, /*min_width=*/width * 0.8);
  svg.rect(layout.left - 1, layout.top - 1, layout.width + 1, layout.height + 1, "frame");
  draw_labels(svg, map, layout);
  for (size_t r = 0; r < map.rows.size(); ++r) {
    for (size_t c = 0; c < map.columns.size(); ++c) draw_cell(svg, map, layout, r, c);
  }
  return svg.str();
}

}  // namespace braid::report
