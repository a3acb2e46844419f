#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

using Tokens = std::vector<std::string>;

std::string unigram(const std::string& fields) {
  return R"({"type": "Unigram", "vocab": [["<unk>", 0], ["a", -1], ["b", -2], ["ab", -2.5],
             ["abc", -9], ["c", -1.5], ["<0xC3>", -20], ["<0xA9>", -20]], "unk_id": 0)" +
         fields;
}

// "ab" -2.5 beats a + b = -3; ab + c = -4 beats "abc" -9.
TEST(unigram_model, the_best_sum_of_scores) {
  EXPECT_EQ(tokens_of(unigram("}"), "ab"), (Tokens{"ab@0-2"}));
  EXPECT_EQ(tokens_of(unigram("}"), "abc"), (Tokens{"ab@0-2", "c@2-3"}));
  EXPECT_EQ(tokens_of(unigram("}"), "ba"), (Tokens{"b@0-1", "a@1-2"}));
}

TEST(unigram_model, letters_outside_the_vocabulary) {
  EXPECT_EQ(tokens_of(unigram("}"), "axéyb"), (Tokens{"a@0-1", "<unk>@1-5", "b@5-6"}));
  EXPECT_EQ(tokens_of(unigram(R"(, "byte_fallback": true})"), "aé"),
            (Tokens{"a@0-1", "<0xC3>@1-3", "<0xA9>@1-3"}));
  EXPECT_EQ(tokens_of(unigram(R"(, "byte_fallback": true})"), "x"), (Tokens{"<unk>@0-1"}));
  EXPECT_NE(message_of([] {
              tokens_of(R"({"type": "Unigram", "vocab": [["a", 0]]})", "b");
            }).find("there is no unknown token"),
            std::string::npos);
}

TEST(unigram_model, says_what_is_wrong) {
  EXPECT_NE(message_of([] {
              tokens_of(R"({"type": "Unigram", "vocab": [["a"]]})", "b");
            }).find(R"(row 0: expected [piece, score], got ["a"])"),
            std::string::npos);
  EXPECT_NE(message_of([] {
              tokens_of(R"({"type": "Unigram", "vocab": [["a", 0]], "unk_id": 1})", "b");
            }).find("expected a piece's number below 1, got 1"),
            std::string::npos);
}

}  // namespace
}  // namespace braid::text
