// A folder that is searched: vectors, and what each of them belongs to.
#pragma once
#include <string>
#include <vector>

#include "formats/table.h"
#include "index/embedding_table.h"
#include "index/vector_index.h"

namespace braid::tensor_verbs {

struct SearchIndex {
  index::VectorIndex vectors;
  formats::Table rows;  // as many as vectors; column "path" as seen from here

  /// "" where there is no such column.
  std::string cell(int64_t row, const char* column) const;
};

/// Tables one after the other: all their columns, empty cells where one lacks it, paths as seen
/// from here. `folders` are where they were read.
///
/// Errors   shape: another width than the first's, naming both. As index::read_embedding_table().
index::EmbeddingTable join_tables(const std::vector<std::string>& folders);

/// A folder of `vectors` (as VectorIndex::save() writes it) and `rows.csv`, which appears as a
/// whole and takes the place of an earlier one alone. A table without an id gets the row's number.
///
/// Errors   usage: the folder holds something else. io; as VectorIndex::build().
void write_search_index(const std::string& folder, const index::EmbeddingTable& table,
                        const index::IndexConfig& config);

/// Errors   format: a folder that is none, rows that do not fit the vectors. As
/// VectorIndex::load().
SearchIndex read_search_index(const std::string& folder);

}  // namespace braid::tensor_verbs
