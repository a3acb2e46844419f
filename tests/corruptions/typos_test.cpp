#include <algorithm>

#include "corrupted.h"

namespace braid::corruptions {
namespace {

TEST(typos, about_as_many_letters_as_the_level_says) {
  const std::string text(10000, 'a');
  const std::string made = corrupted_text("typos", text, 0.1);
  // Replaced letters show; those replaced by an "a" do not.
  const auto other = static_cast<double>(made.size()) -
                     static_cast<double>(std::count(made.begin(), made.end(), 'a'));
  EXPECT_NEAR(other, 10000 * 0.1 / 4, 70);
}

TEST(typos, nothing_else_is_touched) {
  EXPECT_EQ(corrupted_text("typos", "1 + 2 = 3; \xc3\xa9!", 1), "1 + 2 = 3; \xc3\xa9!");
  EXPECT_EQ(corrupted_text("typos", "quiet", 0), "quiet");
  EXPECT_NE(corrupted_text("typos", "a longer sentence", 0.5), "a longer sentence");
}

}  // namespace
}  // namespace braid::corruptions
