// Horizontal dots with whiskers, one row each, in labelled groups: for estimates with intervals.
#pragma once
#include <string>
#include <vector>

#include "report/numbers.h"

namespace braid::report {

struct DotRow {
  std::string group;  // a heading is drawn where it changes from row to row
  std::string label;
  Value value;
  std::vector<double> runs;   // small faint dots: what the mean is the mean of
  std::string colour = "s0";  // a colour class of the page's style sheet
  std::string text;           // the number in words, at the right
  std::string tooltip;
  bool is_strong = false;  // bold label and a ring around the dot
};

struct DotChart {
  std::string title;  // read out by screen readers
  std::string axis_name;
  std::vector<DotRow> rows;
  double reference = kAbsent;  // a dashed upright line
  std::string reference_name;
};

/// The drawing, 760 units wide; "" without rows. Rows without a finite mean show their text alone.
std::string dot_chart(const DotChart& chart);

}  // namespace braid::report
