// Tables as text: CSV and TSV (RFC 4180 quotes) and JSONL, read into the same rows of cells.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace braid::formats {

/// Rows of text cells. The text of all cells stands in one piece and each cell costs 4 bytes more,
/// each row 24: a string per cell would take several times its text.
class Table {
 public:
  explicit Table(std::string name = "", std::vector<std::string> columns = {})
      : name_(std::move(name)), columns_(std::move(columns)) {}

  const std::string& name() const { return name_; }  // the file, for messages
  const std::vector<std::string>& columns() const { return columns_; }
  int64_t column(std::string_view column_name) const;  // -1 where absent
  int64_t num_rows() const { return static_cast<int64_t>(rows_.size()); }
  /// "" = empty. The text stays where it is until the table changes or goes.
  std::string_view cell(int64_t row, int64_t column) const;
  /// As many cells as there are columns.
  std::vector<std::string_view> row(int64_t row) const;
  /// The line that a row starts at, 1-based.
  int64_t line(int64_t row) const { return rows_[static_cast<size_t>(row)].line; }

  void add_column(std::string column_name) { columns_.push_back(std::move(column_name)); }
  /// At most as many cells as there are columns; what lacks at the end is empty. Errors: data, for
  /// a row of 4 GiB of text or more.
  void add_row(const std::vector<std::string_view>& cells, int64_t line);
  /// Room for that much text; what is not used of it takes no memory.
  void reserve_text(size_t bytes) { text_.reserve(bytes); }
  /// The table of these rows alone.
  Table only(const std::vector<int64_t>& rows) const;

 private:
  struct Row {
    uint64_t text;       // where its text begins
    uint64_t first_end;  // place of its first cell in ends_
    int64_t line;
  };
  size_t num_cells(size_t row) const;

  std::string name_;
  std::vector<std::string> columns_;
  std::string text_;
  std::vector<uint32_t> ends_;  // of every cell, from the begin of its row's text
  std::vector<Row> rows_;
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
