// Aligned columns for the terminal, in plain text without colour.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace braid::report {

/// Terminal columns that UTF-8 text takes: 0 for combining accents, 2 for East Asian letters and
/// pictures, else 1.
int display_width(std::string_view text);

/// `text` with control characters (which could move a terminal's cursor) replaced by '?'.
std::string plain(std::string_view text);

/// `text` cut to `width` columns, the cut shown as ".."; never inside a UTF-8 character.
std::string shorten(std::string_view text, int width);

/// Breaks at spaces so that no line is wider than `width`; a longer word stands alone. Width 0 or
/// less: one line.
std::string wrap(std::string_view text, int width);

enum class Align { left, right };

struct TextColumn {
  std::string title;
  Align align = Align::left;
};

/// Two spaces between columns, a rule of dashes under the titles, no blanks at a line's end.
class TextTable {
 public:
  explicit TextTable(std::vector<TextColumn> columns);

  /// Errors: internal, when the number of cells is not the number of columns.
  void add_row(std::vector<std::string> cells);

  /// Terminal columns of the widest line.
  int width() const;
  std::string str() const;

 private:
  std::vector<int> widths() const;

  std::vector<TextColumn> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace braid::report
