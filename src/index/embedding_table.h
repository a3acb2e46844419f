// Embeddings of many samples with what they belong to, kept as a data set that `braid train` reads.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace braid::index {

/// Embeddings and the sample behind each: its id, its modality, its path or text, as the columns
/// say.
struct EmbeddingTable {
  int64_t width = 0;                           // D
  std::vector<float> vectors;                  // [N, D]
  std::vector<std::string> columns;            // any names but "embedding"
  std::vector<std::vector<std::string>> rows;  // N rows of as many cells as there are columns
  int64_t size() const { return static_cast<int64_t>(rows.size()); }
};

/// A folder of embeddings.npy ([N, D], float32) and manifest.csv: the table's columns, and the
/// column "embedding" with cells "embeddings.npy#ROW". It is written whole or not at all, and takes
/// the place of an earlier table.
///
/// Errors   shape: vectors, rows and columns that do not fit each other. data: no row, column names
///          or cells that a manifest cannot hold (a name twice, NUL, text that is not UTF-8).
///          usage: the folder holds something else. io.
void write_embedding_table(const std::string& folder, const EmbeddingTable& table);

/// Rows in the order of the manifest, which may name some of the array's rows alone, or one twice.
///
/// Errors   format: damaged files, an array that is not [N, D] of float32. data: no column
///          "embedding", or a cell of it that names no row of the array. io.
EmbeddingTable read_embedding_table(const std::string& folder);

}  // namespace braid::index
