// Tables as text: CSV and TSV (RFC 4180 quotes) and JSONL, read into the same rows of cells.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace braid::formats {

struct Table {
  std::string name;  // the file, for messages
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // every row has columns.size() cells; "" = empty
  std::vector<int64_t> lines;                  // line each row starts at, 1-based
  int64_t column(const std::string& column_name) const;  // -1 where absent
};

/// UTF-8 with or without BOM; LF, CRLF or CR line ends; quoted cells may hold delimiters, quotes
/// ("") and newlines. Blank lines are skipped. Errors: format (unclosed quote, text after a quote,
/// NUL byte, invalid UTF-8), data (no header, a row with another number of cells, a column name
/// that is empty or stands twice), each with name:line.
Table parse_csv(std::string_view text, char delimiter, const std::string& name);

/// One JSON object per line; columns in order of first appearance; null or absent = "". Strings as
/// they are, numbers shortest round-trip, booleans "true"/"false", lists of strings or numbers
/// joined by ";". Blank lines are skipped. Errors: format (not JSON, a key twice, NUL, invalid
/// UTF-8), data (not an object, nested object, no field at all, a table much larger than its text),
/// with name:line.
Table parse_jsonl(std::string_view text, const std::string& name);

/// By extension: .csv, .tsv (or .tab), .jsonl (or .ndjson). Errors: usage for another extension,
/// io.
Table read_table(const std::string& path);

/// One CSV line (no newline), quoted where needed.
std::string format_csv_row(const std::vector<std::string>& cells);

}  // namespace braid::formats
