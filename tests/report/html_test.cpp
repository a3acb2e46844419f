#include "report/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace braid::report {
using testing::HasSubstr;
using testing::Not;

TEST(html, escapes_everything_with_a_meaning) {
  EXPECT_EQ(escape("<script>alert(\"x\" & 'y')</script>"),
            "&lt;script&gt;alert(&quot;x&quot; &amp; &#39;y&#39;)&lt;/script&gt;");
  EXPECT_EQ(escape("a\tb\nc"), "a\tb\nc");
  EXPECT_EQ(escape(std::string_view("\0\x1B", 2)), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(escape("\xC3\xA9"), "\xC3\xA9");
}

TEST(html, a_table_marks_numbers_and_escapes_titles_and_cells) {
  HtmlTable table;
  table.caption = "a < b";
  table.columns = {{"<name>"}, {"value", /*is_number=*/true}};
  table.rows = {{text_cell("<b>"), number_cell("1.5", 1.5)},
                {text_cell("x"), number_cell("n/a", kAbsent)}};
  table.strong = {true};
  const std::string html = html_table(table);
  EXPECT_THAT(html, HasSubstr("<caption>a &lt; b</caption>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"col\">&lt;name&gt;</th>"));
  EXPECT_THAT(html, HasSubstr("<tr class=\"strong\"><td>&lt;b&gt;</td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"num\" data-sort=\"1.5\">1.5</td>"));
  EXPECT_THAT(html, HasSubstr("<tr><td>x</td><td class=\"num\">n/a</td>"));
}

TEST(html, empty_parts_leave_no_trace) {
  EXPECT_EQ(section("id", "Heading", ""), "");
  EXPECT_EQ(figure("", "caption"), "");
}

TEST(html, a_share_bar_stays_inside_its_frame) {
  EXPECT_THAT(share_bar(0.25), HasSubstr("width:25.0%"));
  EXPECT_THAT(share_bar(7), HasSubstr("width:100.0%"));
  EXPECT_EQ(share_bar(kAbsent), "n/a");
}

TEST(html, the_page_allows_no_load_and_no_script_but_its_own) {
  const std::string page = html_page("a <title>", "<p>body</p>");
  EXPECT_THAT(page, HasSubstr("<title>a &lt;title&gt;</title>"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  // The script's nonce is the one the policy names, and another body has another one.
  const size_t at = page.find("'nonce-") + 7;
  const std::string nonce = page.substr(at, 16);
  EXPECT_THAT(page, HasSubstr("<script nonce=\"" + nonce + "\">"));
  EXPECT_THAT(html_page("a <title>", "<p>other</p>"), Not(HasSubstr(nonce)));
}

}  // namespace braid::report
