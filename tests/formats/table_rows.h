// The rows of a table as strings, for comparing.
#pragma once
#include <string>
#include <vector>

#include "formats/table.h"

namespace braid::testing {

using Rows = std::vector<std::vector<std::string>>;

inline Rows rows_of(const formats::Table& table) {
  Rows rows;
  for (int64_t r = 0; r < table.num_rows(); ++r) {
    const std::vector<std::string_view> cells = table.row(r);
    rows.emplace_back(cells.begin(), cells.end());
  }
  return rows;
}

inline std::vector<int64_t> lines_of(const formats::Table& table) {
  std::vector<int64_t> lines;
  for (int64_t r = 0; r < table.num_rows(); ++r) lines.push_back(table.line(r));
  return lines;
}

}  // namespace braid::testing
