#include <algorithm>

#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(word_drop, words_are_left_out) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "word" + std::to_string(i) + (i % 2 ? " " : "  ");
  const std::string made = corrupted_text("word_drop", text, 0.25);
  const auto words = std::count(made.begin(), made.end(), ' ') + 1;
  EXPECT_NEAR(static_cast<double>(words), 750, 55);  // four standard deviations
  EXPECT_EQ(corrupted_text("word_drop", "two words", 1), "");
  EXPECT_EQ(corrupted_text("word_drop", "two words", 0), "two words");
}

}  // namespace
}  // namespace braid::corruptions
