#include "report/text_table.h"

#include <algorithm>
#include <cstdint>

#include "core/error.h"

namespace braid::report {
namespace {

struct Letter {
  uint32_t code = 0;
  size_t num_bytes = 1;
};

// Broken UTF-8 counts byte by byte: a table must come out whatever a file's column is called.
Letter letter_at(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const size_t num_bytes = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (num_bytes == 1 || at + num_bytes > text.size()) return {first, 1};
  uint32_t code = first & (0x7Fu >> num_bytes);
  for (size_t i = 1; i < num_bytes; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {first, 1};
    code = (code << 6) | (byte(at + i) & 0x3Fu);
  }
  return {code, num_bytes};
}

int width_of(uint32_t code) {
  if (code >= 0x300 && code <= 0x36F) return 0;
  const bool is_wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
                       (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                       (code >= 0xFF00 && code <= 0xFF60) || code >= 0x1F300;
  return is_wide ? 2 : 1;
}

void pad(std::string& line, const std::string& cell, int width, Align align) {
  const std::string blanks(static_cast<size_t>(std::max(0, width - display_width(cell))), ' ');
  line += align == Align::right ? blanks + cell : cell + blanks;
}

}  // namespace

int display_width(std::string_view text) {
  int width = 0;
  for (size_t at = 0; at < text.size();) {
    const Letter letter = letter_at(text, at);
    width += width_of(letter.code);
    at += letter.num_bytes;
  }
  return width;
}

std::string plain(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const Letter letter = letter_at(text, at);
    // C1 controls (0x80 to 0x9F) start escape sequences on some terminals, as code points and as
    // lone bytes.
    const bool is_control = letter.code < 0x20 || (letter.code >= 0x7F && letter.code < 0xA0);
    out += is_control ? "?" : std::string(text.substr(at, letter.num_bytes));
    at += letter.num_bytes;
  }
  return out;
}

std::string shorten(std::string_view text, int width) {
  if (display_width(text) <= width) return std::string(text);
  const int room = std::max(1, width - 2);
  std::string out;
  int used = 0;
  for (size_t at = 0; at < text.size();) {
    const Letter letter = letter_at(text, at);
    if (used + width_of(letter.code) > room) break;
    out += text.substr(at, letter.num_bytes);
    used += width_of(letter.code);
    at += letter.num_bytes;
  }
  return out + "..";
}

std::string wrap(std::string_view text, int width) {
  std::string out;
  int used = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t start = text.find_first_not_of(' ', at);
    if (start == std::string_view::npos) break;
    const size_t end = std::min(text.find(' ', start), text.size());
    const std::string_view word = text.substr(start, end - start);
    const int size = display_width(word);
    if (!out.empty()) {
      const bool breaks = width > 0 && used + 1 + size > width;
      out += breaks ? '\n' : ' ';
      used = breaks ? 0 : used + 1;
    }
    out += word;
    used += size;
    at = end;
  }
  return out;
}

TextTable::TextTable(std::vector<TextColumn> columns) : columns_(std::move(columns)) {
  for (TextColumn& column : columns_) column.title = plain(column.title);
}

void TextTable::add_row(std::vector<std::string> cells) {
  BRAID_ASSERT(cells.size() == columns_.size());
  for (std::string& cell : cells) cell = plain(cell);
  rows_.push_back(std::move(cells));
}

std::vector<int> TextTable::widths() const {
  std::vector<int> widths;
  for (size_t c = 0; c < columns_.size(); ++c) {
    int width = display_width(columns_[c].title);
    for (const auto& row : rows_) width = std::max(width, display_width(row[c]));
    widths.push_back(width);
  }
  return widths;
}

int TextTable::width() const {
  int total = 0;
  for (int width : widths()) total += width + 2;
  return std::max(0, total - 2);
}

std::string TextTable::str() const {
  const std::vector<int> sizes = widths();
  std::string out;
  const auto add_line = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (size_t c = 0; c < cells.size(); ++c) {
      if (c > 0) line += "  ";
      pad(line, cells[c], sizes[c], columns_[c].align);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  std::vector<std::string> titles, rules;
  for (size_t c = 0; c < columns_.size(); ++c) {
    titles.push_back(columns_[c].title);
    rules.emplace_back(static_cast<size_t>(sizes[c]), '-');
  }
  add_line(titles);
  add_line(rules);
  for (const auto& row : rows_) add_line(row);
  return out;
}

}  // namespace braid::report
