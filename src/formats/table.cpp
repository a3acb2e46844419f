#include "formats/table.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/file.h"

namespace braid::formats {

int64_t Table::column(std::string_view column_name) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column_name);
  return found == columns_.end() ? -1 : found - columns_.begin();
}

size_t Table::num_cells(size_t row) const {
  const uint64_t end = row + 1 < rows_.size() ? rows_[row + 1].first_end : ends_.size();
  return static_cast<size_t>(end - rows_[row].first_end);
}

std::string_view Table::cell(int64_t row, int64_t column) const {
  const size_t r = static_cast<size_t>(row), c = static_cast<size_t>(column);
  if (c >= num_cells(r)) return {};
  const uint32_t* const ends = ends_.data() + rows_[r].first_end;
  const uint32_t begin = c == 0 ? 0 : ends[c - 1];
  return {text_.data() + rows_[r].text + begin, ends[c] - begin};
}

std::vector<std::string_view> Table::row(int64_t row) const {
  std::vector<std::string_view> cells;
  cells.reserve(columns_.size());
  for (size_t c = 0; c < columns_.size(); ++c) cells.push_back(cell(row, static_cast<int64_t>(c)));
  return cells;
}

void Table::add_row(const std::vector<std::string_view>& cells, int64_t line) {
  BRAID_ASSERT(cells.size() <= columns_.size());
  const uint64_t begin = text_.size();
  rows_.push_back({begin, ends_.size(), line});
  for (const std::string_view cell : cells) {
    const uint64_t end = text_.size() + cell.size() - begin;
    BRAID_CHECK(end <= UINT32_MAX, data,
                "{}:{}: expected a row of less than 4 GiB of text, got more; is a quote open?",
                name_, line);
    text_.append(cell);
    ends_.push_back(static_cast<uint32_t>(end));
  }
}

Table Table::only(const std::vector<int64_t>& rows) const {
  Table kept(name_, columns_);
  for (const int64_t r : rows) kept.add_row(row(r), line(r));
  return kept;
}

Table read_table(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (extension == ".csv") return parse_csv(read_file(path), ',', path);
  if (extension == ".tsv" || extension == ".tab") return parse_csv(read_file(path), '\t', path);
  if (extension == ".jsonl" || extension == ".ndjson") return parse_jsonl(read_file(path), path);
  fail(ErrorKind::usage,
       "{}: expected a table (.csv, .tsv, .tab, .jsonl or .ndjson), got the extension '{}'; export "
       "it as CSV",
       path, extension);
}

}  // namespace braid::formats
