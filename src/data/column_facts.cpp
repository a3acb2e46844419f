#include "data/column_facts.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/file.h"
#include "data/cells.h"

namespace braid::data {
namespace {

int64_t count_words(std::string_view text) {
  int64_t num_words = 0;
  bool is_inside = false;
  for (const char c : text) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_blank && !is_inside) ++num_words;
    is_inside = !is_blank;
  }
  return num_words;
}

int64_t count_distinct(std::vector<uint64_t> hashes) {
  std::sort(hashes.begin(), hashes.end());
  return std::unique(hashes.begin(), hashes.end()) - hashes.begin();
}

// A path inside a folder: "align/a.txt", but not "and/or" or "yes/no".
bool looks_like_path(std::string_view text) {
  const size_t slash = text.rfind('/');
  return slash != std::string_view::npos && text.find('.', slash) != std::string_view::npos;
}

// The numbers 0..N-1 or 1..N: in this order, or in any order where N is too large for chance.
bool counts_rows(const std::vector<double>& numbers) {
  const int64_t num = static_cast<int64_t>(numbers.size());
  if (num < 3) return false;
  const double first = *std::min_element(numbers.begin(), numbers.end());
  if (first != 0 && first != 1) return false;
  bool is_ordered = true;
  std::vector<uint8_t> seen(numbers.size());
  for (int64_t i = 0; i < num; ++i) {
    const double position = numbers[i] - first;
    if (!is_whole(position) || position >= static_cast<double>(num)) return false;
    is_ordered = is_ordered && position == static_cast<double>(i);
    if (seen[static_cast<size_t>(position)]++ != 0) return false;
  }
  return is_ordered || num >= 50;
}

}  // namespace

ColumnFacts look_at_column(const formats::Table& table, int64_t column) {
  ColumnFacts facts;
  facts.num_rows = table.num_rows();
  std::vector<uint64_t> hashes;  // a set of the texts would cost more than the texts themselves
  std::vector<double> numbers;
  int64_t first_not_number = 0, first_not_media = 0;
  for (int64_t row = 0; row < table.num_rows(); ++row) {
    const std::string_view cell = trimmed(table.cell(row, column));
    if (cell.empty()) continue;
    ++facts.num_filled;
    hashes.push_back(hash_bytes(cell));
    facts.longest = std::max(facts.longest, cell.size());
    const int64_t num_words = count_words(cell);
    facts.most_words = std::max(facts.most_words, num_words);
    facts.is_code =
        facts.is_code && num_words == 1 &&
        std::all_of(cell.begin(), cell.end(), [](char c) { return c > ' ' && c < 127; });
    facts.is_path = facts.is_path && num_words == 1 && looks_like_path(cell);
    double value = 0;
    const NumberCell number = read_number(cell, &value);
    if (number == NumberCell::text) {
      if (first_not_number == 0) first_not_number = table.line(row);
    } else {
      ++facts.num_numbers;
      if (number == NumberCell::number) numbers.push_back(value);
      facts.is_whole = facts.is_whole && (number != NumberCell::number || is_whole(value));
    }
    Kind kind = Kind::text;
    std::string extension;
    const bool is_media = media_kind(cell, &kind, &extension);
    if (is_media && facts.num_media == 0) {
      facts.media = kind;
      facts.extension = extension;
    }
    if (is_media && kind == facts.media)
      ++facts.num_media;
    else if (first_not_media == 0)
      first_not_media = table.line(row);
  }
  facts.num_distinct = count_distinct(std::move(hashes));
  facts.is_index = facts.num_filled == facts.num_rows &&
                   static_cast<int64_t>(numbers.size()) == facts.num_rows && counts_rows(numbers);
  facts.first_other_line = facts.num_media > facts.num_numbers ? first_not_media : first_not_number;
  return facts;
}

}  // namespace braid::data
