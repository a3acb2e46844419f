#include "text/code_points.h"

#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

TEST(code_points, cuts_what_is_malformed_by_maximal_subparts) {
  // The examples of the Unicode Standard, section 3.9, tables 3-8 to 3-11: x for U+FFFD.
  const auto repaired = [](const std::string& bytes) {
    std::string out = repaired_utf8(bytes);
    for (size_t at; (at = out.find("\xEF\xBF\xBD")) != std::string::npos;) out.replace(at, 3, "x");
    return out;
  };
  EXPECT_EQ(repaired("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), "xxxxxxxxA");
  EXPECT_EQ(repaired("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"), "xxxxxxxxA");
  EXPECT_EQ(repaired("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), "xxxxxAxxB");
  EXPECT_EQ(repaired("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), "xxxxA");
  EXPECT_EQ(repaired("é€😀"), "é€😀");
  EXPECT_EQ(repaired("a\xC3"), "ax");
}

TEST(code_points, a_malformed_byte_stands_alone) {
  size_t length = 0;
  EXPECT_EQ(next_code_point("\xF0\x91\x92", length), kReplacement);
  EXPECT_EQ(length, 1u);
  EXPECT_EQ(next_or_replacement("\xF0\x91\x92", length), kReplacement);
  EXPECT_EQ(length, 3u);
  EXPECT_EQ(next_code_point("\xEF\xBF\xBD", length), kReplacement);
  EXPECT_EQ(length, 3u);
}

TEST(code_points, knows_properties) {
  for (const int32_t c : {0x9, 0xD, 0x20, 0x85, 0xA0, 0x1680, 0x2003, 0x2028, 0x202F, 0x3000})
    EXPECT_TRUE(is_white_space(c)) << c;
  for (const int32_t c : {0x8, 0x41, 0x180E, 0x200B, 0xFEFF}) EXPECT_FALSE(is_white_space(c)) << c;
  for (const int32_t c : {0x24, 0x5F, 0xBF, 0x3001}) EXPECT_TRUE(is_punctuation(c)) << c;
  for (const int32_t c : {0x20, 0x30, 0x41, 0x7A, 0x20AC}) EXPECT_FALSE(is_punctuation(c)) << c;
  for (const int32_t c : {0x41, 0x5F, 0x39, 0xE9, 0x301, 0x2167, 0x24B6, 0x200D, 0x4E2D})
    EXPECT_TRUE(is_word_letter(c)) << c;
  for (const int32_t c : {0x20, 0x2D, 0xBD, 0x20AC, 0x1F600}) EXPECT_FALSE(is_word_letter(c)) << c;
  EXPECT_TRUE(is_numeric(0xBD));
  EXPECT_FALSE(is_numeric(0x4E00));
  EXPECT_TRUE(is_control(0xAD));
  EXPECT_FALSE(is_control(0x378));  // unassigned
  EXPECT_TRUE(is_mark(0x903));      // a spacing mark
  EXPECT_FALSE(is_nonspacing_mark(0x903));
}

TEST(code_points, lowers_one_letter_to_two) {
  std::string out;
  for (const int32_t c : {0x41, 0x130, 0x3A3, 0x1E9E})
    lower(c, [&](int32_t small) { append_utf8(small, out); });
  EXPECT_EQ(out, "ai\u0307σß");
}

}  // namespace
}  // namespace braid::text
