// What the cells of one column have in common: the evidence that a column's kind is inferred from.
#pragma once
#include <cstdint>
#include <string>

#include "data/fields.h"
#include "formats/table.h"

namespace braid::data {

struct ColumnFacts {
  int64_t num_rows = 0, num_filled = 0, num_distinct = 0;
  int64_t num_numbers =
      0;                  // nan and inf count, so that they are reported rather than read as words
  bool is_whole = true;   // every number has no fraction
  bool is_index = false;  // the numbers are 0..N-1 or 1..N
  int64_t num_media = 0;  // cells with the extension of media_kind
  Kind media = Kind::text;
  std::string extension;  // of the first such cell
  int64_t first_other_line =
      0;               // the first filled cell that is not of the commonest kind; 0 = none
  size_t longest = 0;  // bytes
  int64_t most_words = 0;
  bool is_code = true;  // every cell is one ASCII word
  bool is_path = true;  // every cell is one word with a slash and a dot after it
};

/// Cost: one pass over the cells, with 8 bytes each for telling them apart and 8 for each number.
ColumnFacts look_at_column(const formats::Table& table, int64_t column);

}  // namespace braid::data
