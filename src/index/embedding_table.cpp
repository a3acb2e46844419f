#include "index/embedding_table.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/error.h"
#include "core/file.h"
#include "formats/npy.h"
#include "formats/npy_header.h"
#include "formats/table.h"
#include "index/written_folder.h"

namespace braid::index {
namespace {

constexpr const char* kArray = "embeddings.npy";
constexpr const char* kManifest = "manifest.csv";
constexpr const char* kColumn = "embedding";

std::string cell_of(int64_t row) { return fmt::format("{}#{}", kArray, row); }

// The row that "embeddings.npy#12" names; -1 for anything else.
int64_t row_of(std::string_view cell) {
  const std::string front = fmt::format("{}#", kArray);
  if (cell.substr(0, front.size()) != front) return -1;
  cell.remove_prefix(front.size());
  int64_t row = -1;
  const auto end = cell.data() + cell.size();
  const auto [stop, code] = std::from_chars(cell.data(), end, row);
  return code == std::errc() && stop == end ? row : -1;
}

void check_table(const std::string& folder, const EmbeddingTable& table) {
  BRAID_CHECK(table.size() > 0, data, "{}: expected at least one embedding, got none", folder);
  BRAID_CHECK(table.width >= 1 &&
                  table.vectors.size() == table.rows.size() * static_cast<size_t>(table.width),
              shape, "{}: vectors: expected {} rows of {} values, got {} values", folder,
              table.size(), table.width, table.vectors.size());
  for (size_t i = 0; i < table.rows.size(); ++i)
    BRAID_CHECK(table.rows[i].size() == table.columns.size(), shape,
                "{}: row {}: expected {} cells, got {}", folder, i, table.columns.size(),
                table.rows[i].size());
  const bool has_own = std::count(table.columns.begin(), table.columns.end(), kColumn) > 0;
  BRAID_CHECK(!has_own, data, "{}: columns: expected any name but '{}', which names the vectors",
              folder, kColumn);
}

std::string manifest_of(const EmbeddingTable& table) {
  std::vector<std::string> cells = table.columns;
  cells.push_back(kColumn);
  std::string text = formats::format_csv_row(cells) + "\n";
  for (int64_t i = 0; i < table.size(); ++i) {
    cells = table.rows[static_cast<size_t>(i)];
    cells.push_back(cell_of(i));
    text += formats::format_csv_row(cells) + "\n";
  }
  return text;
}

// Nothing may be lost on the way: what would be read is what was given.
void check_readable(const std::string& folder, const EmbeddingTable& table,
                    const std::string& manifest) {
  formats::Table read;
  try {
    read = formats::parse_csv(manifest, ',', join_path(folder, kManifest));
  } catch (const Error& e) {
    fail(ErrorKind::data, "{}; a manifest cannot hold it", e.what());
  }
  for (int64_t i = 0; i < table.size(); ++i)
    for (size_t c = 0; c < table.columns.size(); ++c)
      BRAID_CHECK(read.cell(i, static_cast<int64_t>(c)) == table.rows[static_cast<size_t>(i)][c],
                  data, "{}: row {}: column '{}': expected text that a manifest keeps", folder, i,
                  table.columns[c]);
}

bool is_own_table(const std::string& folder) {
  try {
    const formats::Table manifest = formats::read_table(join_path(folder, kManifest));
    const int64_t column = manifest.column(kColumn);
    for (int64_t i = 0; column >= 0 && i < manifest.num_rows(); ++i)
      if (row_of(manifest.cell(i, column)) < 0) return false;
    return column >= 0;
  } catch (const Error&) {
    return false;
  }
}

// The array as it lies in the file; read_npy would widen it to doubles.
struct Array {
  std::string bytes;
  uint64_t offset = 0;
  int64_t size = 0, width = 0;
};

Array read_array(const std::string& path) {
  Array array;
  array.bytes = read_file(path);
  const formats::NpyHeader header = formats::parse_npy_header(array.bytes, path);
  BRAID_CHECK(header.dtype == "<f4" && !header.fortran_order && header.shape.size() == 2, format,
              "{}: expected an array [N, D] of float32 in C order, got {} of [{}]{}", path,
              header.dtype, fmt::join(header.shape, ", "),
              header.fortran_order ? " in Fortran order" : "");
  const uint64_t expected = formats::npy_data_bytes(header, path);
  const uint64_t got = array.bytes.size() - header.data_offset;
  BRAID_CHECK(got == expected, format, "{}: data: expected {} bytes, got {}; is the file complete?",
              path, expected, got);
  array.offset = header.data_offset;
  array.size = header.shape[0];
  array.width = header.shape[1];
  BRAID_CHECK(array.width >= 1, format, "{}: expected vectors of at least one value, got none",
              path);
  return array;
}

}  // namespace

void write_embedding_table(const std::string& folder, const EmbeddingTable& table) {
  check_table(folder, table);
  std::string manifest = manifest_of(table);
  check_readable(folder, table, manifest);
  write_folder(folder,
               {{kArray, formats::serialize_npy({table.size(), table.width}, table.vectors)},
                {kManifest, std::move(manifest)}},
               "a table of embeddings", [&] { return is_own_table(folder); });
}

EmbeddingTable read_embedding_table(const std::string& folder) {
  const formats::Table manifest = formats::read_table(join_path(folder, kManifest));
  const int64_t column = manifest.column(kColumn);
  BRAID_CHECK(column >= 0, data, "{}: expected a column '{}', got {}; is it a table of embeddings?",
              manifest.name(), kColumn, fmt::join(manifest.columns(), ", "));
  const Array array = read_array(join_path(folder, kArray));

  EmbeddingTable table;
  table.width = array.width;
  table.columns = manifest.columns();
  table.columns.erase(table.columns.begin() + column);
  const size_t row_bytes = static_cast<size_t>(array.width) * sizeof(float);
  table.vectors.resize(static_cast<size_t>(manifest.num_rows() * array.width));
  table.rows.reserve(static_cast<size_t>(manifest.num_rows()));
  for (int64_t i = 0; i < manifest.num_rows(); ++i) {
    const int64_t row = row_of(manifest.cell(i, column));
    BRAID_CHECK(row >= 0 && row < array.size, data,
                "{}:{}: column '{}': expected {}#ROW with a row under {}, got '{}'",
                manifest.name(), manifest.line(i), kColumn, kArray, array.size,
                manifest.cell(i, column));
    std::memcpy(table.vectors.data() + i * array.width,
                array.bytes.data() + array.offset + static_cast<size_t>(row) * row_bytes,
                row_bytes);
    std::vector<std::string> cells;
    cells.reserve(table.columns.size());
    for (int64_t c = 0; c <= static_cast<int64_t>(table.columns.size()); ++c)
      if (c != column) cells.emplace_back(manifest.cell(i, c));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

}  // namespace braid::index
