#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

TEST(normalizer, bert_cleans_and_folds) {
  const std::string bert =
      R"({"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
          "strip_accents": null, "lowercase": true})";
  EXPECT_EQ(normalize(bert, "Ca\u200Bfé\t中\uFFFD").text, "cafe  中 ");
  EXPECT_EQ(sources_of(normalize(bert, "É中")),
            (Spans{{0, 2}, {2, 5}, {2, 5}, {2, 5}, {2, 5}, {2, 5}}));
  EXPECT_EQ(normalize(R"({"type": "BertNormalizer", "lowercase": false})", "É").text, "É");
  EXPECT_EQ(
      normalize(R"({"type": "BertNormalizer", "strip_accents": true, "lowercase": false})", "É")
          .text,
      "E");
}

TEST(normalizer, small_ones) {
  EXPECT_EQ(normalize(R"({"type": "Lowercase"})", "AÉİ").text, "aéi\u0307");
  EXPECT_EQ(normalize(R"({"type": "StripAccents"})", "e\u0301\u0903x").text, "ex");
  EXPECT_EQ(normalize(R"({"type": "NFKD"})", "ﬁ").text, "fi");
  EXPECT_EQ(normalize(R"({"type": "Nmt"})", "a\u0007b\u200Bc\td").text, "ab c d");
  EXPECT_EQ(normalize(R"({"type": "ByteLevel"})", " é").text, "ĠÃ©");
  EXPECT_EQ(normalize(R"({"type": "Prepend", "prepend": "▁"})", "ab").text, "▁ab");
  EXPECT_EQ(normalize(R"({"type": "Prepend", "prepend": "▁"})", "").text, "");
}

TEST(normalizer, strip_takes_the_sides_that_it_is_told) {
  const std::string text = " \u3000a b\n";
  const auto strip = [&](const char* left, const char* right) {
    return normalize(std::string(R"({"type": "Strip", "strip_left": )") + left +
                         ", \"strip_right\": " + right + "}",
                     text);
  };
  EXPECT_EQ(strip("true", "true").text, "a b");
  EXPECT_EQ(strip("true", "false").text, "a b\n");
  EXPECT_EQ(strip("false", "true").text, " \u3000a b");
  EXPECT_EQ(sources_of(strip("true", "true")), (Spans{{4, 5}, {5, 6}, {6, 7}}));
  EXPECT_EQ(normalize(R"({"type": "Strip"})", "  ").text, "");
}

TEST(normalizer, replace_counts_as_inserted_behind_the_match) {
  const AlignedText replaced =
      normalize(R"({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "_-"})", "a   b");
  EXPECT_EQ(replaced.text, "a_-b");
  EXPECT_EQ(sources_of(replaced), (Spans{{0, 1}, {3, 4}, {3, 4}, {4, 5}}));
  EXPECT_EQ(
      normalize(R"({"type": "Replace", "pattern": {"String": "``"}, "content": "\""})", "``x``")
          .text,
      "\"x\"");
}

TEST(normalizer, sequence_goes_in_order) {
  EXPECT_EQ(normalize(R"({"type": "Sequence", "normalizers": [{"type": "NFD"},
                          {"type": "StripAccents"}, {"type": "Lowercase"}]})",
                      "ÉA")
                .text,
            "ea");
}

TEST(normalizer, says_what_it_does_not_know) {
  EXPECT_EQ(message_of([] { normalize(R"({"type": "Lowercas"})", ""); }).substr(0, 76),
            "normalizer: unknown normalizer 'Lowercas'; did you mean 'Lowercase'? (known:");
  EXPECT_EQ(message_of([] { normalize(R"({"type": "NFC", "strength": 1})", ""); }),
            "normalizer: unknown key 'strength' (known: type)");
  std::string nested = R"({"type": "NFC"})";
  for (int i = 0; i < 20; ++i) nested = R"({"type": "Sequence", "normalizers": [)" + nested + "]}";
  EXPECT_NE(message_of([&] { normalize(nested, ""); }).find("at most 16 sequences"),
            std::string::npos);
}

}  // namespace
}  // namespace braid::text
