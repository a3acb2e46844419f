#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

using Tokens = std::vector<std::string>;

constexpr const char* kModel =
    R"({"type": "WordPiece", "vocab": {"[UNK]": 0, "un": 1, "##aff": 2, "##able": 3, "##a": 4,
        "##": 5}, "max_input_chars_per_word": 10})";

// The example of google-research/bert, tokenization.py.
TEST(wordpiece_model, the_longest_piece_first) {
  EXPECT_EQ(tokens_of(kModel, "unaffable"), (Tokens{"un@0-2", "##aff@2-5", "##able@5-9"}));
  EXPECT_EQ(tokens_of(kModel, "unx"), (Tokens{"[UNK]@0-3"}));
  EXPECT_EQ(tokens_of(kModel, "##a"), (Tokens{"##a@0-3"}));  // written out at a word's begin
  EXPECT_EQ(tokens_of(kModel, "unaaaaaaaaa"), (Tokens{"[UNK]@0-11"}));  // more than 10 letters
}

TEST(wordpiece_model, without_an_unknown_token) {
  EXPECT_NE(message_of([] {
              tokens_of(R"({"type": "WordPiece", "vocab": {"a": 0}})", "b");
            }).find("there is no unknown token"),
            std::string::npos);
}

}  // namespace
}  // namespace braid::text
