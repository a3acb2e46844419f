// Any bytes as CSV and TSV; what was read must read the same after being written.
#include <cstdint>
#include <cstdlib>

#include "core/error.h"
#include "formats/table.h"

namespace {

std::vector<std::vector<std::string>> rows_of(const braid::formats::Table& table) {
  std::vector<std::vector<std::string>> rows;
  for (int64_t r = 0; r < table.num_rows(); ++r) {
    const std::vector<std::string_view> cells = table.row(r);
    rows.emplace_back(cells.begin(), cells.end());
  }
  return rows;
}

std::string written(const braid::formats::Table& table) {
  std::string text = braid::formats::format_csv_row(table.columns()) + "\n";
  for (const auto& row : rows_of(table)) text += braid::formats::format_csv_row(row) + "\n";
  return text;
}

void check(std::string_view text, char delimiter) {
  braid::formats::Table table;
  try {
    table = braid::formats::parse_csv(text, delimiter, "fuzz");
  } catch (const braid::Error&) {
    return;
  }
  const auto again = braid::formats::parse_csv(written(table), ',', "again");
  if (again.columns() != table.columns() || rows_of(again) != rows_of(table)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, ',');
  check(text, '\t');
  return 0;
}
