// CSV and TSV row by row, for readers that know better than a header what the cells are.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace braid::formats {

/// The rows of a text as parse_csv() takes them: RFC 4180 quotes, any line end, blank lines
/// skipped; the first row is a row like the others. A copy goes on from where its original stands.
///
/// Errors   format, with name:line: as parse_csv(), which throws the rest.
/// Cost     one pass to check the text when it is made, one to cut it.
class CsvRows {
 public:
  /// The text has to outlive this.
  CsvRows(std::string_view text, char delimiter, std::string name);

  const std::string& name() const { return name_; }
  char delimiter() const { return delimiter_; }
  /// The next row that is not blank; false at the end of the text. The cells hold until the next
  /// call.
  bool next_row(std::vector<std::string_view>* cells, int64_t* line);
  /// Errors: data, where the row that starts at `line` has not `expected` cells.
  void check_num_cells(size_t got, size_t expected, int64_t line) const;

 private:
  // 0 at the end: the text holds no NUL.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take_line_end();
  std::string_view plain();
  std::string_view quoted();
  void check_closed() const;
  std::string next_character() const;

  std::string name_;
  std::string_view text_;
  char delimiter_;
  size_t at_ = 0;
  int64_t line_ = 1;
  std::deque<std::string> unescaped_;  // cells of the row that differ from the text
};

/// Errors: data, where a name is empty or stands twice.
void check_column_names(const std::vector<std::string>& columns, const std::string& name,
                        int64_t line);

}  // namespace braid::formats
