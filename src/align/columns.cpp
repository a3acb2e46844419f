#include "align/columns.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>

#include "align/timestamps.h"
#include "core/error.h"

namespace braid::align {
namespace {

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_gap(std::string_view text) {
  if (text.empty()) return true;
  if (text.size() > 4) return false;
  char letters[4];
  std::transform(text.begin(), text.end(), letters, small);
  const std::string_view word(letters, text.size());
  return word == "nan" || word == "-nan" || word == "na" || word == "n/a" || word == "null" ||
         word == "none";
}

}  // namespace

std::string_view trimmed(std::string_view cell) {
  while (!cell.empty() && (cell.front() == ' ' || cell.front() == '\t')) cell.remove_prefix(1);
  while (!cell.empty() && (cell.back() == ' ' || cell.back() == '\t')) cell.remove_suffix(1);
  return cell;
}

bool parse_sample(std::string_view cell, double* value) {
  std::string_view text = trimmed(cell);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), *value);
  if (code == std::errc() && end == text.data() + text.size() && std::isfinite(*value)) return true;
  *value = std::numeric_limits<double>::quiet_NaN();
  return is_gap(text);
}

TableColumns columns_of(const std::vector<std::string_view>& first_row, const std::string& name,
                        int64_t line) {
  double value = 0;
  TableColumns columns;
  columns.has_header = std::any_of(first_row.begin(), first_row.end(), [&](std::string_view cell) {
    return !parse_sample(cell, &value) && !looks_like_date(cell);
  });
  for (size_t i = 0; i < first_row.size(); ++i)
    columns.names.push_back(columns.has_header ? std::string(trimmed(first_row[i]))
                                               : fmt::format("column_{}", i + 1));
  formats::check_column_names(columns.names, name, line);
  return columns;
}

size_t find_column(const TableColumns& columns, const std::string& wanted, const std::string& file,
                   const char* option) {
  const auto found = std::find(columns.names.begin(), columns.names.end(), wanted);
  BRAID_CHECK(found != columns.names.end(), usage, "{}: {}: {}", file, option,
              unknown_name("column", wanted, columns.names));
  return static_cast<size_t>(found - columns.names.begin());
}

std::string list_names(const std::vector<std::string>& names) {
  constexpr size_t kMost = 12;
  const size_t shown = std::min(names.size(), kMost);
  std::string text =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<long>(shown), ", "));
  if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

std::string extension_of(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), small);
  return extension;
}

char delimiter_of(const std::string& path) {
  const std::string extension = extension_of(path);
  if (extension == ".csv") return ',';
  return extension == ".tsv" || extension == ".tab" ? '\t' : '\0';
}

std::string stem_of(const std::string& path) { return std::filesystem::path(path).stem().string(); }

}  // namespace braid::align
