#include "formats/plain_text.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace braid::formats {
namespace {

using braid::testing::expect_error;

TEST(plain_text, drops_one_byte_order_mark) {
  EXPECT_EQ(checked_text("\xEF\xBB\xBF"
                         "a",
                         "t"),
            "a");
  EXPECT_EQ(checked_text("a\xEF\xBB\xBF", "t"), "a\xEF\xBB\xBF");
  EXPECT_EQ(checked_text("", "t"), "");
}

TEST(plain_text, takes_the_edges_of_every_length) {
  // U+0080, U+07FF, U+0800, U+D7FF, U+E000, U+FFFF, U+10000, U+10FFFF
  for (const char* good : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_EQ(checked_text(good, "t"), good);
}

TEST(plain_text, refuses_what_is_not_utf8) {
  // In order: a stray tail, overlong forms of 2, 3 and 4 bytes, surrogates, beyond U+10FFFF, never
  // used bytes, and characters cut short by the end or by another character.
  for (const char* bad :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xED\xA0\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3", "\xE2\x82", "\xF0\x9F\x98",
        "\xC3"
        "a",
        "\xE2\x82"
        "a"})
    expect_error(ErrorKind::format, "t:1: expected UTF-8", [&] { checked_text(bad, "t"); });
}

TEST(plain_text, names_the_line_whatever_ends_it) {
  expect_error(ErrorKind::format, "t:4: expected UTF-8, got the byte 0xE9; save the file as UTF-8",
               [] { checked_text("a\nb\r\nc\rd\xE9", "t"); });
  expect_error(ErrorKind::format, "t:2: expected text, got a NUL byte",
               [] { checked_text(std::string_view("a\nb\0c", 5), "t"); });
  expect_error(ErrorKind::format, "t:1: ", [] {
    checked_text(
        "\xFF\xFE"
        "a",
        "t");
  });  // UTF-16
}

}  // namespace
}  // namespace braid::formats
