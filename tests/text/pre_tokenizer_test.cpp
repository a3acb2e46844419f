#include "text/pre_tokenizer.h"

#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

using Words = std::vector<std::string>;

TEST(pre_tokenizer, simple_ones) {
  EXPECT_EQ(words_of(R"({"type": "BertPreTokenizer"})", "Hi, you$\u3000x"),
            (Words{"Hi", ",", "you", "$", "x"}));
  EXPECT_EQ(words_of(R"({"type": "Whitespace"})", "a_1 b!?c"), (Words{"a_1", "b", "!?", "c"}));
  EXPECT_EQ(words_of(R"({"type": "WhitespaceSplit"})", " a  b! "), (Words{"a", "b!"}));
  EXPECT_EQ(words_of(R"({"type": "Digits", "individual_digits": true})", "a12"),
            (Words{"a", "1", "2"}));
  EXPECT_EQ(words_of(R"({"type": "Digits"})", "a12½b"), (Words{"a", "12½", "b"}));
  EXPECT_EQ(words_of(R"({"type": "Punctuation"})", "a!?"), (Words{"a", "!", "?"}));
  EXPECT_EQ(words_of(R"({"type": "CharDelimiterSplit", "delimiter": "·"})", "a·b··"),
            (Words{"a", "b"}));
}

// The examples of Hugging Face's documentation of SplitDelimiterBehavior.
TEST(pre_tokenizer, behaviors) {
  const auto split = [](const char* behavior, const char* invert) {
    return words_of(std::string(R"({"type": "Split", "pattern": {"String": "-"}, "behavior": ")") +
                        behavior + "\", \"invert\": " + invert + "}",
                    "the-final--countdown");
  };
  EXPECT_EQ(split("Removed", "false"), (Words{"the", "final", "countdown"}));
  EXPECT_EQ(split("Isolated", "false"), (Words{"the", "-", "final", "-", "-", "countdown"}));
  EXPECT_EQ(split("MergedWithPrevious", "false"), (Words{"the-", "final-", "-", "countdown"}));
  EXPECT_EQ(split("MergedWithNext", "false"), (Words{"the", "-final", "-", "-countdown"}));
  EXPECT_EQ(split("Contiguous", "false"), (Words{"the", "-", "final", "--", "countdown"}));
  EXPECT_EQ(split("Removed", "true"), (Words{"-", "-", "-"}));
}

TEST(pre_tokenizer, leaves_added_tokens_alone) {
  PreTokenized text;
  text.aligned = align("a b<x y>");
  text.pieces = {{0, 3, -1}, {3, 8, 7}};
  make_pre_tokenizer(PlainJson::parse(R"({"type": "WhitespaceSplit"})"), "p")->apply(text);
  ASSERT_EQ(text.pieces.size(), 3u);
  EXPECT_EQ(text.text_of(text.pieces[2]), "<x y>");
  EXPECT_EQ(text.pieces[2].added_id, 7);
}

TEST(pre_tokenizer, says_what_it_does_not_know) {
  EXPECT_NE(message_of([] {
              words_of(R"({"type": "UnicodeScripts"})", "a");
            }).find("unknown pre-tokenizer 'UnicodeScripts'"),
            std::string::npos);
  EXPECT_NE(message_of([] {
              words_of(R"({"type": "Split", "pattern": {"String": "-"}, "behavior": "Kept"})", "a");
            }).find("unknown behavior 'Kept'"),
            std::string::npos);
}

}  // namespace
}  // namespace braid::text
