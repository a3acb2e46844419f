#include "text/post_processor.h"

#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

using Ids = std::vector<int32_t>;

Encoding process(const std::string& json, bool is_pair, bool adds = true) {
  const PostProcessor processor(PlainJson::parse(json), "post_processor");
  std::vector<Part> parts = {{{7, 0, 1}, {8, 1, 2}}};
  std::vector<std::string_view> given = {"ab"};
  if (is_pair) {
    parts.push_back({{9, 0, 1}});
    given.push_back("c");
  }
  EXPECT_EQ(
      processor.num_special_tokens(is_pair),
      static_cast<int64_t>(processor.process(parts, given, true).ids.size()) - (is_pair ? 3 : 2));
  return processor.process(parts, given, adds);
}

TEST(post_processor, template_of_special_tokens) {
  const std::string json = R"({"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "[C]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
      "pair": [{"Sequence": {"id": "B", "type_id": 2}}, {"SpecialToken": {"id": "[C]", "type_id": 1}},
               {"Sequence": {"id": "A", "type_id": 0}}],
      "special_tokens": {"[C]": {"id": "[C]", "ids": [1, 2], "tokens": ["x", "y"]}}})";
  EXPECT_EQ(process(json, false).ids, (Ids{1, 2, 7, 8}));
  EXPECT_EQ(process(json, true).ids, (Ids{9, 1, 2, 7, 8}));
  EXPECT_EQ(process(json, true).type_ids, (Ids{2, 1, 1, 0, 0}));
  EXPECT_EQ(process(json, true).special_tokens_mask, (std::vector<uint8_t>{0, 1, 1, 0, 0}));
  EXPECT_EQ(process(json, true, false).ids, (Ids{9, 7, 8}));
}

TEST(post_processor, bert_and_roberta) {
  const std::string tokens = R"("cls": ["[CLS]", 1], "sep": ["[SEP]", 2])";
  const std::string bert = R"({"type": "BertProcessing", )" + tokens + "}";
  EXPECT_EQ(process(bert, true).ids, (Ids{1, 7, 8, 2, 9, 2}));
  EXPECT_EQ(process(bert, true).type_ids, (Ids{0, 0, 0, 0, 1, 1}));
  const std::string roberta = R"({"type": "RobertaProcessing", )" + tokens + "}";
  EXPECT_EQ(process(roberta, true).ids, (Ids{1, 7, 8, 2, 2, 9, 2}));
  EXPECT_EQ(process(roberta, true).type_ids, (Ids(7, 0)));
  EXPECT_EQ(process("null", true).type_ids, (Ids{0, 0, 1}));
}

// The example of Hugging Face's own tests: " Hello" with a space put before it, and others.
TEST(post_processor, trims_white_space_off_offsets) {
  const auto trimmed = [](const char* prepends, PartToken token, std::string_view text) {
    const PostProcessor processor(
        PlainJson::parse(R"({"type": "ByteLevel", "trim_offsets": true, "add_prefix_space": )" +
                         std::string(prepends) + "}"),
        "p");
    std::vector<Part> parts = {{token}};
    return processor.process(parts, {text}, true).offsets[0];
  };
  using Offset = std::pair<int64_t, int64_t>;
  EXPECT_EQ(trimmed("false", {1, 0, 6, 1, 0}, " Hello"), (Offset{1, 6}));
  EXPECT_EQ(trimmed("true", {1, 0, 5, 1, 0}, "Hello"), (Offset{0, 5}));
  EXPECT_EQ(trimmed("true", {1, 0, 11, 4, 2}, "    Hello  "), (Offset{4, 9}));
  EXPECT_EQ(trimmed("false", {1, 0, 6, 1, 1}, "\u3000<>\u0020"), (Offset{3, 5}));
}

TEST(post_processor, says_what_it_does_not_know) {
  EXPECT_NE(message_of([] {
              process(R"({"type": "Wrap"})", false);
            }).find("unknown post-processor 'Wrap'"),
            std::string::npos);
  EXPECT_NE(message_of([] {
              process(R"({"type": "TemplateProcessing", "single": [], "pair": []})", false);
            }).find("\"single\": expected the text A once and no other"),
            std::string::npos);
}

}  // namespace
}  // namespace braid::text
