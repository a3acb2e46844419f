#include "text/normalize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/rng.h"

namespace braid::text {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> words(std::string_view text, bool lowercase = true, bool strip = true) {
  NormalizeConfig config;
  config.lowercase = lowercase;
  config.strip_accents = strip;
  return split_words(text, config);
}

TEST(normalize, white_space_divides_words_and_nothing_gives_none) {
  EXPECT_THAT(words(""), IsEmpty());
  EXPECT_THAT(words(" \t\r\n"), IsEmpty());
  EXPECT_THAT(words("  a\tbc\r\nd  "), ElementsAre("a", "bc", "d"));
  // No-break space U+00A0, ideographic space U+3000, line separator U+2028.
  EXPECT_THAT(words("a\u00A0b\u3000c\u2028d"), ElementsAre("a", "b", "c", "d"));
}

TEST(normalize, control_and_format_characters_vanish) {
  EXPECT_THAT(words(std::string_view("n\0u\x07l", 5)), ElementsAre("nul"));
  // Zero-width space U+200B, byte order mark U+FEFF, soft hyphen U+00AD are Cf; U+E000 is private
  // use.
  EXPECT_THAT(words("\uFEFFa\u200Bb\u00AD\uE000c"), ElementsAre("abc"));
}

TEST(normalize, folds_letters_only_when_asked) {
  EXPECT_THAT(words("Braid \u00C4 \u03A9"), ElementsAre("braid", "a", "\u03C9"));
  EXPECT_THAT(words("Braid", /*lowercase=*/false), ElementsAre("Braid"));
  // Capital I with dot above: i and the combining dot; without accents just i.
  EXPECT_THAT(words("\u0130", true, /*strip=*/false), ElementsAre("i\u0307"));
  EXPECT_THAT(words("\u0130"), ElementsAre("i"));
}

TEST(normalize, composed_and_decomposed_accents_are_one) {
  EXPECT_THAT(words("caf\u00E9"), ElementsAre("cafe"));
  EXPECT_THAT(words("cafe\u0301"), ElementsAre("cafe"));
  EXPECT_THAT(words("\u1EC7"), ElementsAre("e"));  // e, circumflex, dot below
  EXPECT_THAT(words("caf\u00E9", true, /*strip=*/false), ElementsAre("caf\u00E9"));
  EXPECT_THAT(words("\u0301"), IsEmpty());
  EXPECT_THAT(words("\u00DF \u00F8"), ElementsAre("\u00DF", "\u00F8"));  // no decomposition
}

TEST(normalize, orders_marks_that_stay_by_combining_class) {
  // U+302E has class 224, U+1D165 class 216; both are spacing marks, so they stay, in NFD's order.
  EXPECT_THAT(words("a\u302E\U0001D165"), ElementsAre("a\U0001D165\u302E"));
  // Hangul falls into its letters: U+AC00 = U+1100 U+1161.
  EXPECT_THAT(words("\uAC00"), ElementsAre("\u1100\u1161"));
}

TEST(normalize, punctuation_stands_alone) {
  EXPECT_THAT(words("don't stop..."), ElementsAre("don", "'", "t", "stop", ".", ".", "."));
  // Symbols that Unicode files under S, but BERT takes all of ASCII's.
  EXPECT_THAT(words("a+b=$5~`^|<>"),
              ElementsAre("a", "+", "b", "=", "$", "5", "~", "`", "^", "|", "<", ">"));
  EXPECT_THAT(words("\u00ABoui\u00BB\u2026"), ElementsAre("\u00AB", "oui", "\u00BB", "\u2026"));
  EXPECT_THAT(words("5\u20AC"), ElementsAre("5\u20AC"));  // the euro sign is Sc and not ASCII
  EXPECT_THAT(words("@[`{/:\x7F"), ElementsAre("@", "[", "`", "{", "/", ":"));
}

TEST(normalize, ideographs_stand_alone_and_emoji_do_not) {
  EXPECT_THAT(words("ab\u4E2D\u6587c\U00020000"),
              ElementsAre("ab", "\u4E2D", "\u6587", "c", "\U00020000"));
  EXPECT_THAT(words("\u3072\u3089"), ElementsAre("\u3072\u3089"));  // hiragana stays together
  EXPECT_THAT(words("ok\U0001F600\U0001F600"), ElementsAre("ok\U0001F600\U0001F600"));
  // A family of three: the zero-width joiners (Cf) vanish.
  EXPECT_THAT(words("\U0001F468\u200D\U0001F469\u200D\U0001F467"),
              ElementsAre("\U0001F468\U0001F469\U0001F467"));
}

TEST(normalize, malformed_bytes_vanish_without_harm) {
  EXPECT_THAT(words("a\xFF"
                    "b"),
              ElementsAre("ab"));
  EXPECT_THAT(words("a\xC3"), ElementsAre("a"));              // truncated
  EXPECT_THAT(words("\xC0\x80x"), ElementsAre("x"));          // overlong
  EXPECT_THAT(words("\xED\xA0\x80x"), ElementsAre("x"));      // surrogate
  EXPECT_THAT(words("\xF4\x90\x80\x80x"), ElementsAre("x"));  // beyond U+10FFFF
  std::string all;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) (all += static_cast<char>(a)) += static_cast<char>(b);
  }
  for (const std::string& word : words(all)) EXPECT_TRUE(is_utf8(word)) << word;
}

TEST(normalize, stops_when_told_to) {
  int64_t taken = 0;
  for_each_word("a, b \u4E2D c", {}, [&taken](const std::string&) { return ++taken < 3; });
  EXPECT_EQ(taken, 3);
}

TEST(normalize, a_megabyte_of_marks_takes_linear_time) {
  // Alternating classes: a quadratic sort would run for minutes.
  std::string marks;
  while (marks.size() < (1 << 20)) marks += "\u302E\U0001D165";
  const auto found = words(marks);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].size(), marks.size());
}

TEST(normalize, splits_letters_and_tells_utf8) {
  EXPECT_THAT(split_letters("a\u00E9\U0001F600"), ElementsAre("a", "\u00E9", "\U0001F600"));
  EXPECT_THAT(split_letters("\xFF"
                            "a"),
              ElementsAre("\xFF", "a"));
  EXPECT_TRUE(is_utf8("a\uFFFD"));
  EXPECT_FALSE(is_utf8("a\xFF"));
  EXPECT_FALSE(is_utf8("\xE4\xB8"));
}

// A zero-width space vanishes, but keeps its segment from being taken as plain ASCII.
TEST(normalize, ascii_is_cut_as_any_text) {
  Rng rng(5);
  for (int round = 0; round < 200; ++round) {
    std::string plain, marked;
    for (int i = 0; i < 60; ++i) {
      const bool is_letter = rng.chance(0.6);
      const char c = static_cast<char>(is_letter ? 'A' + rng.below(58) : rng.below(128));
      plain += c;
      marked += std::string("\xE2\x80\x8B") + c;
    }
    for (const bool lowercase : {false, true}) {
      NormalizeConfig config;
      config.lowercase = lowercase;
      EXPECT_EQ(split_words(plain, config), split_words(marked, config)) << plain;
    }
  }
}

}  // namespace
}  // namespace braid::text
