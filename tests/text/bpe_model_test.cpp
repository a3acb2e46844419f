#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

using Tokens = std::vector<std::string>;

std::string bpe(const std::string& fields) {
  return R"({"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "aba": 3, "<unk>": 4, "<0xC3>": 5,
             "<0xA9>": 6, "b</w>": 7, "ab</w>": 8, "whole": 9}, "merges": ["a b", "ab a")" +
         fields;
}

TEST(bpe_model, merges) {
  EXPECT_EQ(tokens_of(bpe("]}"), "abab"), (Tokens{"ab@0-2", "ab@2-4"}));
  EXPECT_EQ(tokens_of(bpe("]}"), "abaab"), (Tokens{"aba@0-3", "ab@3-5"}));
  EXPECT_EQ(tokens_of(R"({"vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]]})", "ab"),
            (Tokens{"ab@0-2"}));
}

TEST(bpe_model, letters_outside_the_vocabulary) {
  EXPECT_EQ(tokens_of(bpe("]}"), "axb"), (Tokens{"ab@0-2"}));  // dropped; so has the reference
  EXPECT_EQ(tokens_of(bpe(R"(], "unk_token": "<unk>"})"), "axyb"),
            (Tokens{"a@0-1", "<unk>@1-2", "<unk>@2-3", "b@3-4"}));
  EXPECT_EQ(tokens_of(bpe(R"(], "unk_token": "<unk>", "fuse_unk": true})"), "axyb"),
            (Tokens{"a@0-1", "<unk>@1-3", "b@3-4"}));
  EXPECT_EQ(tokens_of(bpe(R"(], "unk_token": "<unk>", "byte_fallback": true})"), "éx"),
            (Tokens{"<0xC3>@0-1", "<0xA9>@1-2", "<unk>@2-3"}));
  EXPECT_NE(message_of([] {
              tokens_of(bpe(R"(], "unk_token": "gone"})"), "x");
            }).find("its unknown token is none of its tokens"),
            std::string::npos);
}

TEST(bpe_model, suffixes_prefixes_and_whole_words) {
  const std::string suffixed =
      R"({"type": "BPE", "vocab": {"a": 0, "b</w>": 1, "ab</w>": 2, "b": 3},
          "merges": ["a b</w>"], "end_of_word_suffix": "</w>"})";
  EXPECT_EQ(tokens_of(suffixed, "ab"), (Tokens{"ab</w>@0-2"}));
  EXPECT_EQ(tokens_of(suffixed, "bab"), (Tokens{"b@0-1", "ab</w>@1-3"}));
  const std::string prefixed =
      R"({"type": "BPE", "vocab": {"a": 0, "##b": 1, "ab": 2}, "merges": ["a ##b"],
          "continuing_subword_prefix": "##"})";
  EXPECT_EQ(tokens_of(prefixed, "ab"), (Tokens{"ab@0-2"}));
  EXPECT_EQ(tokens_of(bpe(R"(], "ignore_merges": true})"), "whole"), (Tokens{"whole@0-5"}));
  EXPECT_EQ(tokens_of(bpe("]}"), "whole"), (Tokens{}));  // no merge leads there
}

TEST(bpe_model, says_what_is_wrong) {
  const auto message = [](const std::string& fields) {
    return message_of([&] { tokens_of(bpe(fields), "a"); });
  };
  EXPECT_EQ(message(R"(, "a x"]})"),
            "model: \"merges\": row 2: expected tokens of the vocabulary, got 'x'");
  EXPECT_EQ(message(R"(, "a"]})"),
            "model: \"merges\": row 2: expected two tokens with a space between, got 'a'");
  EXPECT_NE(message(R"(], "dropout": 0.1})").find("it is for training"), std::string::npos);
}

// A word without white space may be a whole file; the square of a megabyte would take minutes.
TEST(bpe_model, a_word_of_a_megabyte) {
  const auto tokens = tokens_of(bpe("]}"), [] {
    std::string word;
    while (word.size() < 1000000) word += "ab";
    return word;
  }());
  EXPECT_EQ(tokens.size(), 500000u);
}

}  // namespace
}  // namespace braid::text
