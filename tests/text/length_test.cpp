#include "text/length.h"

#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

Part part_of(size_t size) { return Part(size, PartToken{1}); }

std::vector<size_t> cut(const std::string& fields, size_t first, int second, int64_t room) {
  const Truncation truncation =
      Truncation::read(PlainJson::parse(R"({"max_length": 8)" + fields + "}"), "truncation");
  std::vector<Part> parts = {part_of(first)};
  if (second >= 0) parts.push_back(part_of(static_cast<size_t>(second)));
  truncation.apply(parts, room);
  std::vector<size_t> sizes;
  for (const Part& part : parts) sizes.push_back(part.size());
  return sizes;
}

using Sizes = std::vector<size_t>;

TEST(length, the_longest_is_cut_first) {
  EXPECT_EQ(cut("", 9, -1, 5), (Sizes{5}));
  EXPECT_EQ(cut("", 4, -1, 5), (Sizes{4}));
  EXPECT_EQ(cut("", 2, 9, 6), (Sizes{2, 4}));
  EXPECT_EQ(cut("", 9, 2, 6), (Sizes{4, 2}));
  EXPECT_EQ(cut("", 9, 9, 5), (Sizes{2, 3}));
  EXPECT_EQ(cut("", 9, 8, 5), (Sizes{3, 2}));
  EXPECT_EQ(cut("", 9, 9, 0), (Sizes{0, 0}));
}

TEST(length, one_text_alone_is_cut) {
  EXPECT_EQ(cut(R"(, "strategy": "OnlyFirst")", 9, 3, 6), (Sizes{3, 3}));
  EXPECT_EQ(cut(R"(, "strategy": "OnlySecond")", 3, 9, 6), (Sizes{3, 3}));
  EXPECT_NE(
      message_of([] { cut(R"(, "strategy": "OnlySecond")", 9, 3, 6); }).find("at most 6 tokens"),
      std::string::npos);
  EXPECT_NE(message_of([] {
              cut(R"(, "strategy": "OnlySecond")", 9, -1, 6);
            }).find("expected a second text"),
            std::string::npos);
}

TEST(length, the_left_side_is_cut_where_the_file_says) {
  const Truncation left = Truncation::read(
      PlainJson::parse(R"({"max_length": 2, "direction": "Left", "stride": 0})"), "t");
  std::vector<Part> parts = {{{1}, {2}, {3}}};
  left.apply(parts, 2);
  EXPECT_EQ(parts[0][0].id, 2);
}

Encoding padded(const std::string& fields) {
  const Padding padding = Padding::read(
      PlainJson::parse(R"({"pad_id": 5, "pad_type_id": 3, "pad_token": "[PAD]", )" + fields + "}"),
      "padding");
  Encoding encoding;
  append_token(encoding, 1, 0, false, 0, 1);
  append_token(encoding, 2, 0, true, 0, 0);
  padding.apply(encoding);
  return encoding;
}

TEST(length, pads) {
  const Encoding fixed = padded(R"("strategy": {"Fixed": 4})");
  EXPECT_EQ(fixed.ids, (std::vector<int32_t>{1, 2, 5, 5}));
  EXPECT_EQ(fixed.type_ids, (std::vector<int32_t>{0, 0, 3, 3}));
  EXPECT_EQ(fixed.attention_mask, (std::vector<uint8_t>{1, 1, 0, 0}));
  EXPECT_EQ(fixed.special_tokens_mask, (std::vector<uint8_t>{0, 1, 1, 1}));
  EXPECT_EQ(padded(R"("strategy": {"Fixed": 1})").ids.size(), 2u);
  EXPECT_EQ(
      padded(R"("strategy": "BatchLongest", "pad_to_multiple_of": 3, "direction": "Left")").ids,
      (std::vector<int32_t>{5, 1, 2}));
  EXPECT_NE(
      message_of([] { padded(R"("strategy": "Longest")"); }).find("unknown strategy 'Longest'"),
      std::string::npos);
}

}  // namespace
}  // namespace braid::text
