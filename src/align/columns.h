// The cells and columns of tables of samples, which may have no header. Internal to the readers of
// series and events.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "formats/csv_rows.h"

namespace braid::align {

/// Without the blanks around it.
std::string_view trimmed(std::string_view cell);

/// A finite number, or NaN for a gap: an empty cell, NaN, NA, N/A, null or None in any letters.
/// False for everything else, infinity among it.
bool parse_sample(std::string_view cell, double* value);

/// The cells of a row.
using Cells = std::vector<std::string_view>;
/// The place of a column that is not there.
constexpr size_t kNoColumn = std::numeric_limits<size_t>::max();

struct TableColumns {
  std::vector<std::string> names;
  bool has_header = false;
  size_t size() const { return names.size(); }
};

/// A first row in which every cell is a number, a gap or a date is no header; the columns are
/// column_1, column_2, ... then.
///
/// Errors   data: as check_column_names().
TableColumns columns_of(const std::vector<std::string_view>& first_row, const std::string& name,
                        int64_t line);

/// The place of a column that an option names.
///
/// Errors   usage, opened by the file and the option: unknown, with the nearest name.
size_t find_column(const TableColumns& columns, const std::string& wanted, const std::string& file,
                   const char* option);

/// "a, b, c"; beyond 12 "and 3 more".
std::string list_names(const std::vector<std::string>& names);

/// The delimiter by extension, ',' or '\t'; '\0' where it is no table.
char delimiter_of(const std::string& path);
/// In small letters with its point.
std::string extension_of(const std::string& path);
/// "EDA" of "S02/EDA.csv".
std::string stem_of(const std::string& path);

}  // namespace braid::align
