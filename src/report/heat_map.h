// A table drawn as shaded cells: confusion matrices, scores per subset.
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace braid::report {

struct HeatMap {
  std::string title;  // read out by screen readers
  std::string row_name, column_name;
  std::vector<std::string> rows, columns;
  double cell_width = 40, cell_height = 28;
  int longest_label = 22;  // wider labels are cut; a tooltip has them whole
  std::function<double(size_t row, size_t column)> shade;      // 0 to 1; NaN: an empty cell
  std::function<std::string(size_t row, size_t column)> text;  // may be unset: no text in the cells
  std::function<std::string(size_t row, size_t column)> tooltip;  // may be unset
};

/// The drawing; "" without rows or columns. Where cells are lower than a letter only every n-th is
/// labelled. Cells of shade 0 without text are not drawn one by one, so that a 200 x 200 confusion
/// matrix stays small.
std::string heat_map(const HeatMap& map);

}  // namespace braid::report
