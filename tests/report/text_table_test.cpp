#include "report/text_table.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace braid::report {

TEST(text_table, aligns_left_and_right_without_blanks_at_the_end) {
  TextTable table({{"name"}, {"value", Align::right}, {"note"}});
  table.add_row({"a", "1.5", ""});
  table.add_row({"longer", "12.5", "x"});
  EXPECT_EQ(table.str(),
            "name    value  note\n"
            "------  -----  ----\n"
            "a         1.5\n"
            "longer   12.5  x\n");
  EXPECT_EQ(table.width(), 19);  // 6 + 2 + 5 + 2 + 4
}

TEST(text_table, counts_letters_not_bytes) {
  EXPECT_EQ(display_width("na\xC3\xAFve"), 5);              // i with diaeresis, two bytes
  EXPECT_EQ(display_width("i\xCC\x88"), 1);                 // i and a combining diaeresis
  EXPECT_EQ(display_width("\xE6\x97\xA5\xE6\x9C\xAC"), 4);  // two ideographs
  EXPECT_EQ(display_width("\xFF\xFE"), 2);                  // broken: byte by byte
  TextTable table({{"n"}, {"v"}});
  table.add_row({"\xC3\xA9\xC3\xA9", "x"});
  table.add_row({"ab", "x"});
  EXPECT_EQ(table.str(), "n   v\n--  -\n\xC3\xA9\xC3\xA9  x\nab  x\n");
}

TEST(text_table, control_characters_cannot_reach_the_terminal) {
  EXPECT_EQ(plain("a\x1B[31mred\n"), "a?[31mred?");
  EXPECT_EQ(plain("\xC2\x9B"
                  "31m"),
            "?31m");  // CSI as one code point
  TextTable table({{"\x1B]0;title\x07"}});
  table.add_row({"\x1B[2J"});
  EXPECT_EQ(table.str().find('\x1B'), std::string::npos);
}

TEST(text_table, shortens_between_letters) {
  EXPECT_EQ(shorten("concat", 6), "concat");
  EXPECT_EQ(shorten("cross_attention", 8), "cross_..");
  EXPECT_EQ(shorten("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", 3), "\xC3\xA9..");
}

TEST(text_table, wraps_at_spaces) {
  EXPECT_EQ(wrap("one two three", 7), "one two\nthree");
  EXPECT_EQ(wrap("incomprehensible word", 5), "incomprehensible\nword");
  EXPECT_EQ(wrap("one two", 0), "one two");
  EXPECT_EQ(wrap("", 10), "");
}

TEST(text_table, a_row_of_the_wrong_length_is_a_bug) {
  TextTable table({{"a"}, {"b"}});
  EXPECT_THROW(table.add_row({"only one"}), Error);
}

}  // namespace braid::report
