#include "tensor_verbs/search_index.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "model/bundle_folder.h"
#include "tensor_verbs/sources.h"

namespace braid::tensor_verbs {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVectors = "vectors";
constexpr const char* kRows = "rows.csv";

bool is_search_index(const std::string& folder) {
  return file_exists(join_path(folder, kRows)) && file_exists(join_path(folder, kVectors));
}

void check_replaceable(const std::string& folder) {
  std::error_code code;
  const fs::file_status status = fs::status(folder, code);
  if (!fs::exists(status)) return;
  BRAID_CHECK(fs::is_directory(status), usage,
              "{}: expected a new folder or an index, got a file; choose another name", folder);
  BRAID_CHECK(fs::is_empty(folder, code) || is_search_index(folder), usage,
              "{}: expected a new folder or an index, got one that holds something else; choose "
              "another name or move it away",
              folder);
}

size_t place_of(std::vector<std::string>* columns, const std::string& name) {
  const auto found = std::find(columns->begin(), columns->end(), name);
  if (found != columns->end()) return static_cast<size_t>(found - columns->begin());
  columns->push_back(name);
  return columns->size() - 1;
}

}  // namespace

std::string SearchIndex::cell(int64_t row, const char* column) const {
  const int64_t at = rows.column(column);
  return at < 0 ? "" : std::string(rows.cell(row, at));
}

index::EmbeddingTable join_tables(const std::vector<std::string>& folders) {
  index::EmbeddingTable joined;
  for (const std::string& folder : folders) {
    const index::EmbeddingTable table = index::read_embedding_table(folder);
    BRAID_CHECK(joined.width == 0 || table.width == joined.width, shape,
                "{}: expected vectors of {} numbers as in {}, got {}; embed both with one space",
                folder, joined.width, folders[0], table.width);
    joined.width = table.width;
    joined.vectors.insert(joined.vectors.end(), table.vectors.begin(), table.vectors.end());
    std::vector<size_t> places;
    for (const std::string& column : table.columns)
      places.push_back(place_of(&joined.columns, column));
    for (const std::vector<std::string>& cells : table.rows) {
      std::vector<std::string> row(joined.columns.size());
      for (size_t c = 0; c < cells.size(); ++c)
        row[places[c]] = table.columns[c] == "path" ? path_in(folder, cells[c]) : cells[c];
      joined.rows.push_back(std::move(row));
    }
  }
  for (std::vector<std::string>& row : joined.rows) row.resize(joined.columns.size());
  return joined;
}

void write_search_index(const std::string& folder, const index::EmbeddingTable& table,
                        const index::IndexConfig& config) {
  check_replaceable(folder);
  const bool has_id =
      std::find(table.columns.begin(), table.columns.end(), "id") != table.columns.end();
  std::vector<std::string> columns = table.columns;
  if (!has_id) columns.emplace_back("id");
  std::string text = formats::format_csv_row(columns) + "\n";
  for (int64_t i = 0; i < table.size(); ++i) {
    std::vector<std::string> cells = table.rows[static_cast<size_t>(i)];
    for (size_t c = 0; c < cells.size(); ++c)
      if (columns[c] == "path") cells[c] = path_from(cells[c], folder);
    if (!has_id) cells.push_back(std::to_string(i));
    text += formats::format_csv_row(cells) + "\n";
  }
  const index::VectorIndex vectors = index::VectorIndex::build(table.vectors, table.width, config);
  model::replace_as_a_whole(folder, [&](const std::string& fresh) {
    vectors.save(join_path(fresh, kVectors));
    write_file_atomically(join_path(fresh, kRows), text);
  });
}

SearchIndex read_search_index(const std::string& folder) {
  BRAID_CHECK(is_search_index(folder), format,
              "{}: expected an index with {} and {}, got none; make one with 'braid index'", folder,
              kVectors, kRows);
  index::VectorIndex vectors = index::VectorIndex::load(join_path(folder, kVectors));
  const std::string path = join_path(folder, kRows);
  const formats::Table read = formats::read_table(path);
  BRAID_CHECK(read.num_rows() == vectors.size(), format,
              "{}: expected a row for each of {} vectors, got {}; make the index again", path,
              vectors.size(), read.num_rows());
  formats::Table rows(path, read.columns());
  const int64_t source = read.column("path");
  for (int64_t i = 0; i < read.num_rows(); ++i) {
    std::vector<std::string_view> cells = read.row(i);
    std::string seen;
    if (source >= 0) {
      seen = path_in(folder, std::string(read.cell(i, source)));
      cells[static_cast<size_t>(source)] = seen;
    }
    rows.add_row(cells, read.line(i));
  }
  return {std::move(vectors), std::move(rows)};
}

}  // namespace braid::tensor_verbs
