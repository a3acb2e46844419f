// Building one self-contained HTML page: escaping, tables, figures and the frame with its style
// sheet.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "report/numbers.h"

namespace braid::report {

/// `text` made safe for element content and quoted attributes: & < > " ' are written as entities,
/// control characters other than tab and newline as U+FFFD.
std::string escape(std::string_view text);

struct HtmlCell {
  std::string html;       // already escaped
  double sort = kAbsent;  // what the column sorts by; NaN: its text
};

/// A cell of plain text.
HtmlCell text_cell(std::string_view text);
/// A right-aligned cell that sorts by `value`.
HtmlCell number_cell(std::string_view text, double value);

struct HtmlColumn {
  std::string title;  // plain text
  bool is_number = false;
};

struct HtmlTable {
  std::string caption;  // plain text; "" for none
  std::vector<HtmlColumn> columns;
  std::vector<std::vector<HtmlCell>> rows;
  std::vector<bool> strong;  // rows to stress; may be shorter than `rows`
  bool is_sortable = true;   // columns sort by a click where scripts run
};

/// The table, in a box that scrolls sideways when the window is narrow.
std::string html_table(const HtmlTable& table);

/// A figure holding `svg` with a caption (HTML, already escaped; "" for none).
std::string figure(const std::string& svg, const std::string& caption);

/// <section id=...> with a heading (plain text) around `body`; "" where the body is empty.
std::string section(std::string_view id, std::string_view heading, const std::string& body);

/// A bar that fills `share` (0 to 1) of its width, with its percentage beside it.
std::string share_bar(double share);

/// The whole page. A content security policy forbids every load from elsewhere and every script but
/// the page's own.
std::string html_page(std::string_view title, const std::string& body);

}  // namespace braid::report
