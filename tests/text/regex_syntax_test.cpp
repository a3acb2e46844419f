#include "text/regex_syntax.h"

#include <gtest/gtest.h>

#include "text/components.h"
#include "text/pattern.h"

namespace braid::text {
namespace {

bool matches_all(const std::string& expression, const std::string& text) {
  std::vector<Match> matches;
  Pattern::regex(expression, "here").find(text, 0, matches);
  return matches.size() == 1 && matches[0].is_match;
}

TEST(regex_syntax, classes_are_onigurumas) {
  EXPECT_TRUE(matches_all(R"(\s)", "\u0085"));
  EXPECT_FALSE(matches_all(R"(\s)", "\u180E"));  // PCRE2's has it
  EXPECT_TRUE(matches_all(R"([^\s]+)", "a\u180Eb"));
  EXPECT_TRUE(matches_all(R"([\S]+)", "a\u180Eb"));
  EXPECT_FALSE(matches_all(R"([\S]+)", "a b"));
  EXPECT_TRUE(matches_all(R"(\w+)", "e\u0301_\u203F\u2167Ⓐ"));
  EXPECT_FALSE(matches_all(R"(\w)", "½"));  // PCRE2's has it
  EXPECT_TRUE(matches_all(R"(\W)", "½"));
  EXPECT_TRUE(matches_all(R"(\bab\b)", "ab"));
  EXPECT_TRUE(matches_all(R"(\p{Han}+)", "中文"));
  EXPECT_TRUE(matches_all(R"(\p{Letter}\p{^L}\P{L})", "a12"));
  EXPECT_TRUE(matches_all(R"(\p{Nd}\d)", "٣४"));
}

TEST(regex_syntax, words_that_differ) {
  EXPECT_EQ(to_pcre2("(?m:.)", "here"), "(?s:.)");
  EXPECT_EQ(to_pcre2("(?i:'s)(?=a)(?!b)(?<=c)(?<!d)(?>e)", "here"),
            "(?i:'s)(?=a)(?!b)(?<=c)(?<!d)(?>e)");
  EXPECT_EQ(to_pcre2(R"(\u00E9\x41\x{1F600}\v)", "here"), R"(\x{00E9}\x{41}\x{1F600}\x{B})");
  EXPECT_EQ(to_pcre2("a{,3}b{2}{", "here"), "a{0,3}b{2}\\{");
  EXPECT_EQ(to_pcre2("[]a]", "here"), "[\\]a]");
}

TEST(regex_syntax, refuses_what_it_does_not_know) {
  for (const char* expression : {R"(\h)", "[a&&b]", "[a[b]]", "(?#x)", R"(\p)", R"(\x4)", "\\",
                                 "a{2}+", R"([\W])", "(?i)a", R"(\K)"})
    EXPECT_NE(message_of([&] { to_pcre2(expression, "here"); }).find("is not supported"),
              std::string::npos)
        << expression;
}

}  // namespace
}  // namespace braid::text
