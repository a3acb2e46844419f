#include "formats/table.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/file.h"

namespace braid::formats {

int64_t Table::column(const std::string& column_name) const {
  const auto found = std::find(columns.begin(), columns.end(), column_name);
  return found == columns.end() ? -1 : found - columns.begin();
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
