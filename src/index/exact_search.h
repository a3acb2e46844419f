// The nearest rows by comparing with every one.
#pragma once
#include <vector>

#include "core/unit_rows.h"
#include "index/vector_index.h"

namespace braid::index {

/// Whether `a` stands before `b`: the higher score, then the lower row.
inline bool is_better(const Match& a, const Match& b) {
  return a.score != b.score ? a.score > b.score : a.row < b.row;
}

/// The `k` best rows for each query, best first; the same bits for any number of threads.
std::vector<std::vector<Match>> exact_search(const UnitRows& rows, const UnitRows& queries,
                                             int64_t k, int num_threads);

}  // namespace braid::index
