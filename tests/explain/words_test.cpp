#include "explain/words.h"

#include <gtest/gtest.h>

#include <map>

namespace braid::explain {
namespace {

// A tokenizer: letters a to z, one token each; "-" vanishes beside others and is 99 by itself.
std::vector<int64_t> encode(const std::string& word) {
  if (word == "-") return {99};
  std::vector<int64_t> ids;
  for (char c : word) ids.push_back(c);
  return ids;
}

std::string described(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words)
    text += word.text + "@" + std::to_string(word.begin) + "+" + std::to_string(word.count) + " ";
  return text;
}

TEST(words, each_has_its_tokens) {
  EXPECT_EQ(described(align_words(" ab\tc  de", {'a', 'b', 'c', 'd', 'e'}, encode)),
            "ab@0+2 c@2+1 de@3+2 ");
}

TEST(words, what_was_cut_is_left_out) {
  EXPECT_EQ(described(align_words("ab cde f", {'a', 'b', 'c', 'd'}, encode)), "ab@0+2 cde@2+2 ");
}

TEST(words, what_became_no_token_is_passed_over) {
  EXPECT_EQ(described(align_words("a - b", {'a', 'b'}, encode)), "a@0+1 b@1+1 ");
}

TEST(words, tokens_of_no_word_are_numbered) {
  EXPECT_EQ(described(align_words("a x", {'a', 'q', 'r'}, encode)), "a@0+1 #2@1+1 #3@2+1 ");
}

TEST(words, east_asian_letters_stand_alone) {
  // U+4E2D U+6587, then a Latin word, then U+00E9, which is not one of them.
  const std::map<std::string, int64_t> ids = {
      {"\xE4\xB8\xAD", 1}, {"\xE6\x96\x87", 2}, {"a\xC3\xA9", 3}};
  const auto look_up = [&ids](const std::string& word) {
    return std::vector<int64_t>{ids.at(word)};
  };
  EXPECT_EQ(described(align_words("\xE4\xB8\xAD\xE6\x96\x87"
                                  "a\xC3\xA9",
                                  {1, 2, 3}, look_up)),
            "\xE4\xB8\xAD@0+1 \xE6\x96\x87@1+1 a\xC3\xA9@2+1 ");
}

}  // namespace
}  // namespace braid::explain
