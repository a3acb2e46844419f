#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

TEST(token_model, knows_older_files_by_what_they_hold) {
  EXPECT_EQ(tokens_of(R"({"vocab": {"a": 0}, "merges": []})", "a").size(), 1u);
  EXPECT_EQ(tokens_of(R"({"vocab": [["a", 0]]})", "a").size(), 1u);
  EXPECT_EQ(tokens_of(R"({"vocab": {"a": 0}})", "a").size(), 1u);
}

TEST(token_model, says_what_it_does_not_know) {
  EXPECT_EQ(
      message_of([] { tokens_of(R"({"type": "WordLevel", "vocab": {}})", "a"); }).substr(0, 33),
      "model: unknown model 'WordLevel' ");
  EXPECT_NE(message_of([] {
              tokens_of(R"({"vocab": {"a": "x"}})", "a");
            }).find("'a': expected a whole number, got string"),
            std::string::npos);
  EXPECT_NE(message_of([] {
              tokens_of(R"({"vocab": {"a": 0}, "speed": 3})", "a");
            }).find("unknown key 'speed'"),
            std::string::npos);
}

TEST(token_model, byte_tokens) {
  EXPECT_EQ(byte_token(0xE4), "<0xE4>");
  Vocabulary vocabulary;
  vocabulary.add("<0x0A>", 3, "here");
  EXPECT_EQ(byte_ids(vocabulary)[10], 3);
  EXPECT_EQ(byte_ids(vocabulary)[11], -1);
}

}  // namespace
}  // namespace braid::text
