#include "text/byte_alphabet.h"

#include <gtest/gtest.h>

#include <set>

#include "text/components.h"

namespace braid::text {
namespace {

TEST(byte_alphabet, is_one_to_one) {
  std::set<int32_t> letters;
  for (int byte = 0; byte < 256; ++byte) {
    const int32_t letter = letter_of_byte(static_cast<uint8_t>(byte));
    letters.insert(letter);
    EXPECT_EQ(byte_of_letter(letter), byte);
  }
  EXPECT_EQ(letters.size(), 256u);
}

// As GPT-2's vocabulary has them: "Ġ" for a space, "Ċ" for a line's end, "Ń" for the soft hyphen.
TEST(byte_alphabet, known_letters) {
  EXPECT_EQ(letter_of_byte('A'), 'A');
  EXPECT_EQ(letter_of_byte(' '), kSpaceLetter);
  EXPECT_EQ(letter_of_byte('\n'), 0x10A);
  EXPECT_EQ(letter_of_byte(0xAD), 0x143);
  for (const int32_t letter : {-1, 0x20, 0xAD, 0x144, 0x4E2D})
    EXPECT_EQ(byte_of_letter(letter), -1);
}

}  // namespace
}  // namespace braid::text
