// Small line charts, made to stand side by side as small multiples.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "report/svg.h"

namespace braid::report {

struct LineSeries {
  std::string colour = "s0";  // a colour class of the page's style sheet
  bool is_thin = false;
  std::vector<std::pair<double, double>> points;  // gaps where y is NaN
};

struct LineMark {
  double x = 0, y = 0;
  std::string colour = "s1";
  std::string tooltip;
};

struct LineChart {
  std::string title;  // read out by screen readers
  std::string x_name, y_name;
  std::vector<LineSeries> series;
  std::vector<LineMark> marks;
  Range y_range;  // empty: from the data
};

/// The drawing, 300 x 150 units; "" where no point is finite. A series of one point is drawn as a
/// dot.
std::string line_chart(const LineChart& chart);

/// A line of names with their colours, as HTML, to stand above charts that share them.
/// Each entry: name, colour class, and whether it is a dot rather than a line.
struct LegendEntry {
  std::string name, colour;
  bool is_dot = false;
};
std::string legend(const std::vector<LegendEntry>& entries);

}  // namespace braid::report
