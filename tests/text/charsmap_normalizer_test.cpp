#include <gtest/gtest.h>

#include "core/base64.h"
#include "text/components.h"

namespace braid::text {
namespace {

/// A trie of single letters: each goes to the text at `value` of `texts`.
std::string charsmap(const std::vector<std::pair<char, uint32_t>>& rules,
                     const std::string& texts) {
  std::vector<uint32_t> units(1024);
  units[0] = 256u << 10;  // the root's children are at 256 ^ letter
  uint32_t leaf = 600;
  for (const auto& [letter, value] : rules) {
    const uint32_t node = 256u ^ static_cast<uint8_t>(letter);
    units[node] = static_cast<uint8_t>(letter) | 1u << 8 | (node ^ leaf) << 10;
    units[leaf++] = value;
  }
  std::string blob;
  const auto put = [&blob](uint32_t number) {
    for (int i = 0; i < 4; ++i) blob.push_back(static_cast<char>(number >> (8 * i) & 0xFF));
  };
  put(static_cast<uint32_t>(4 * units.size()));
  for (const uint32_t unit : units) put(unit);
  return base64(blob + texts);
}

std::string json_of(const std::string& map) {
  return R"({"type": "Precompiled", "precompiled_charsmap": ")" + map + "\"}";
}

TEST(charsmap_normalizer, replaces_by_rules) {
  const std::string texts("xyz\0\0q\0", 7);
  const std::string json = json_of(charsmap({{'a', 0}, {'b', 4}, {'c', 5}}, texts));
  const AlignedText longer = normalize(json, "1a2");
  EXPECT_EQ(longer.text, "1xyz2");
  EXPECT_EQ(sources_of(longer), (Spans{{0, 1}, {1, 2}, {1, 2}, {1, 2}, {2, 3}}));
  EXPECT_EQ(normalize(json, "1b2c").text, "12q");
  EXPECT_EQ(normalize(json, "plain 中").text, "plxyzin 中");
}

// So has the reference: a letter that removes itself at the very begin is not counted, and the
// offsets behind it are those of the letters before.
TEST(charsmap_normalizer, a_removed_first_letter_shifts_the_offsets) {
  const std::string json = json_of(charsmap({{'b', 0}}, std::string("\0", 1)));
  const AlignedText removed = normalize(json, "bxy");
  EXPECT_EQ(removed.text, "xy");
  EXPECT_EQ(sources_of(removed), (Spans{{0, 1}, {1, 2}}));
}

// U+0301 makes one grapheme with the letter before it, and goes with it.
TEST(charsmap_normalizer, a_grapheme_goes_as_a_whole) {
  const std::string json = json_of(charsmap({{'a', 0}}, std::string("x\0", 2)));
  EXPECT_EQ(normalize(json, "a\u0301e\u0301").text, "xe\u0301");
}

TEST(charsmap_normalizer, says_what_is_wrong) {
  EXPECT_NE(message_of([] { normalize(json_of("AAA="), ""); }).find("got 2 bytes"),
            std::string::npos);
  EXPECT_NE(message_of([] { normalize(json_of("/////w=="), ""); }).find("size of a trie"),
            std::string::npos);
  EXPECT_NE(message_of([] { normalize(json_of("*"), ""); }).find("expected base64, got '*'"),
            std::string::npos);
}

}  // namespace
}  // namespace braid::text
