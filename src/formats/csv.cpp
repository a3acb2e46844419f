// CSV and TSV as RFC 4180 has them, in one pass that knows the line of every row.
#include <set>
#include <utility>

#include "core/error.h"
#include "formats/csv_rows.h"
#include "formats/plain_text.h"
#include "formats/table.h"

namespace braid::formats {
namespace {

std::string unescape(std::string_view cell) {
  std::string text;
  for (size_t i = 0; i < cell.size(); ++i) {
    text.push_back(cell[i]);
    if (cell[i] == '"') ++i;  // quotes come in pairs here
  }
  return text;
}

std::string shown(char delimiter) { return delimiter == '\t' ? "\\t" : std::string(1, delimiter); }

}  // namespace

CsvRows::CsvRows(std::string_view text, char delimiter, std::string name)
    : name_(std::move(name)), text_(checked_text(text, name_)), delimiter_(delimiter) {}

bool CsvRows::next_row(std::vector<std::string_view>* cells, int64_t* line) {
  while (take_line_end()) continue;
  if (at_ == text_.size()) return false;
  *line = line_;
  cells->clear();
  if (!unescaped_.empty()) unescaped_.clear();
  for (;;) {
    cells->push_back(peek() == '"' ? quoted() : plain());
    if (at_ == text_.size() || take_line_end()) return true;
    ++at_;  // the delimiter
  }
}

void CsvRows::check_num_cells(size_t got, size_t expected, int64_t line) const {
  BRAID_CHECK(got == expected, data,
              "{}:{}: expected {} cells, got {}; put cells that hold '{}' or a quote in quotes",
              name_, line, expected, got, shown(delimiter_));
}

bool CsvRows::take_line_end() {
  const char c = peek();
  if (c != '\n' && c != '\r') return false;
  ++at_;
  if (c == '\r' && peek() == '\n') ++at_;
  ++line_;
  return true;
}

std::string_view CsvRows::plain() {
  const size_t begin = at_;
  while (at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '\n' && text_[at_] != '\r')
    ++at_;
  return text_.substr(begin, at_ - begin);
}

std::string_view CsvRows::quoted() {
  const int64_t opened = line_;
  const size_t begin = ++at_;
  bool has_quotes = false;
  for (;;) {
    BRAID_CHECK(at_ < text_.size(), format,
                "{}:{}: a quote opens here and never closes; write a quote inside a cell as \"\"",
                name_, opened);
    if (take_line_end() || text_[at_++] != '"') continue;
    if (peek() != '"') break;
    has_quotes = true;
    ++at_;
  }
  check_closed();
  const std::string_view cell = text_.substr(begin, at_ - 1 - begin);
  return has_quotes ? unescaped_.emplace_back(unescape(cell)) : cell;
}

void CsvRows::check_closed() const {
  BRAID_CHECK(
      at_ == text_.size() || peek() == delimiter_ || peek() == '\n' || peek() == '\r', format,
      "{}:{}: expected '{}' or the end of the line after a closing quote, got '{}'; write a "
      "quote inside a cell as \"\"",
      name_, line_, shown(delimiter_), next_character());
}

// The whole UTF-8 character, so that the message stays UTF-8.
std::string CsvRows::next_character() const {
  size_t end = at_ + 1;
  while (end < text_.size() && (text_[end] & 0xC0) == 0x80) ++end;
  return std::string(text_.substr(at_, end - at_));
}

void check_column_names(const std::vector<std::string>& columns, const std::string& name,
                        int64_t line) {
  std::set<std::string> seen;
  for (size_t i = 0; i < columns.size(); ++i) {
    BRAID_CHECK(!columns[i].empty(), data,
                "{}:{}: expected a name for column {}, got an empty cell; name it or remove it",
                name, line, i + 1);
    BRAID_CHECK(seen.insert(columns[i]).second, data,
                "{}:{}: the column '{}' stands twice; rename one", name, line, columns[i]);
  }
}

Table parse_csv(std::string_view text, char delimiter, const std::string& name) {
  CsvRows reader(text, delimiter, name);
  std::vector<std::string_view> cells;
  int64_t line = 1;
  BRAID_CHECK(reader.next_row(&cells, &line), data,
              "{}:1: expected a line of column names, got an empty file", name);
  Table table(name, {cells.begin(), cells.end()});
  check_column_names(table.columns(), name, line);
  table.reserve_text(text.size());
  while (reader.next_row(&cells, &line)) {
    reader.check_num_cells(cells.size(), table.columns().size(), line);
    table.add_row(cells, line);
  }
  return table;
}

std::string format_csv_row(const std::vector<std::string>& cells) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string& cell = cells[i];
    if (i > 0) line += ',';
    // A lone empty cell would read as a blank line, a leading byte order mark would be dropped.
    const bool needs_quotes = cell.find_first_of(",\"\r\n") != std::string::npos ||
                              (cells.size() == 1 && cell.empty()) ||
                              cell.rfind("\xEF\xBB\xBF", 0) == 0;
    if (!needs_quotes) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  return line;
}

}  // namespace braid::formats
