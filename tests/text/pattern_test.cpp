#include "text/pattern.h"

#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

/// The text with matches in brackets.
std::string marked(const Pattern& pattern, const std::string& text) {
  std::vector<Match> matches;
  pattern.find(text, 0, matches);
  std::string out;
  for (const Match& match : matches) {
    const std::string part = text.substr(match.begin, match.end - match.begin);
    out += match.is_match ? "[" + part + "]" : part;
  }
  return out;
}

TEST(pattern, covers_the_text) {
  EXPECT_EQ(marked(Pattern::literal("ab"), "xababy"), "x[ab][ab]y");
  EXPECT_EQ(marked(Pattern::literal(""), "xy"), "xy");
  EXPECT_EQ(marked(Pattern::regex(R"(\s+)", "here"), "a \u3000b"), "a[ \u3000]b");
  EXPECT_EQ(marked(Pattern::regex("x*", "here"), "axb"), "[]a[x]b[]");
  EXPECT_EQ(marked(Pattern::regex("x*", "here"), "éé"), "[]é[]é[]");
}

TEST(pattern, replaces) {
  EXPECT_EQ(Pattern::literal("▁").replace("▁a▁b", " "), " a b");
  EXPECT_EQ(Pattern::regex("[0-9]+", "here").replace("a12b3", "#"), "a#b#");
}

TEST(pattern, is_read_from_a_file) {
  EXPECT_EQ(marked(Pattern::parse(PlainJson::parse(R"({"Regex": "a|b"})"), "p"), "abc"), "[a][b]c");
  EXPECT_EQ(marked(Pattern::parse(PlainJson::parse(R"({"String": "a|b"})"), "p"), "a|b"), "[a|b]");
  EXPECT_NE(message_of([] { Pattern::parse(PlainJson::parse("{}"), "p"); }).find("String"),
            std::string::npos);
}

TEST(pattern, hostile_ones_end) {
  const std::string message = message_of([] {
    std::vector<Match> matches;
    Pattern::regex("(a+)+$", "here").find(std::string(5000, 'a') + "b", 0, matches);
  });
  EXPECT_NE(message.find("expected a match within bounds"), std::string::npos) << message;
  EXPECT_NE(message_of([] {
              Pattern::regex("(", "here");
            }).find("here: regular expression '(': expected one that can be compiled"),
            std::string::npos);
}

}  // namespace
}  // namespace braid::text
