#include "text/vocabulary.h"

#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

TEST(vocabulary, finds_both_ways) {
  Vocabulary vocabulary;
  for (int i = 0; i < 1000; ++i) vocabulary.add("t" + std::to_string(i), 2 * i, "here");
  EXPECT_EQ(vocabulary.find("t7"), 14);
  EXPECT_EQ(vocabulary.find("t"), -1);
  EXPECT_EQ(*vocabulary.token(14), "t7");
  EXPECT_EQ(vocabulary.token(13), nullptr);
  EXPECT_EQ(vocabulary.token(-1), nullptr);
  EXPECT_EQ(vocabulary.token(5000), nullptr);
  EXPECT_EQ(vocabulary.size(), 1999);
  EXPECT_EQ(vocabulary.num_tokens(), 1000);
}

TEST(vocabulary, refuses_ids) {
  Vocabulary vocabulary;
  vocabulary.add("a", 0, "here");
  EXPECT_EQ(message_of([&] { vocabulary.add("b", 0, "here"); }),
            "here: id 0: expected one token for each id, got 'a' and 'b'");
  EXPECT_EQ(message_of([&] { vocabulary.add("b", -1, "here"); }),
            "here: id of 'b': expected 0 to 2097151, got -1");
}

}  // namespace
}  // namespace braid::text
