#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(truncation, a_share_of_the_words_from_the_front) {
  EXPECT_EQ(corrupted_text("truncation", "one two  three four", 0.5), "one two");
  EXPECT_EQ(corrupted_text("truncation", "one two three four", 0.1), "one");
  EXPECT_EQ(corrupted_text("truncation", "one two", 1), "one two");
  EXPECT_EQ(corrupted_text("truncation", "", 0.5), "");
}

}  // namespace
}  // namespace braid::corruptions
