#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

TEST(decoder, each_kind) {
  EXPECT_EQ(decoded(R"({"type": "WordPiece"})", {"un", "##aff", "do", "n't", "x", "##."}),
            "unaff don't x.");
  EXPECT_EQ(decoded(R"({"type": "WordPiece", "cleanup": false})", {"a", "."}), "a .");
  EXPECT_EQ(decoded(R"({"type": "ByteLevel"})", {"ĠÃ", "©", "<中>"}), " é<中>");
  EXPECT_EQ(decoded(R"({"type": "ByteLevel"})", {"Ã"}), "\uFFFD");
  EXPECT_EQ(decoded(R"({"type": "Metaspace", "replacement": "▁"})", {"▁a▁", "▁b"}), "a b");
  EXPECT_EQ(decoded(R"({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never"})",
                    {"▁a", "▁b"}),
            " a b");
  EXPECT_EQ(decoded(R"({"type": "BPEDecoder"})", {"a", "b</w>", "c</w>"}), "ab c");
  EXPECT_EQ(decoded(R"({"type": "ByteFallback"})", {"a", "<0xC3>", "<0xa9>", "b", "<0xC3>"}),
            "aéb\uFFFD");
  EXPECT_EQ(decoded(R"({"type": "ByteFallback"})", {"<0xC3>", "<0x41>"}), "\uFFFD\uFFFD");
  EXPECT_EQ(
      decoded(R"({"type": "Strip", "content": "-", "start": 1, "stop": 2})", {"--a---", "-", "b"}),
      "-a-b");
  EXPECT_EQ(decoded(R"({"type": "Replace", "pattern": {"String": "▁"}, "content": " "})", {"▁a"}),
            " a");
}

// Llama's: spaces, bytes, one text, and the first space goes.
TEST(decoder, sequence_goes_in_order) {
  EXPECT_EQ(decoded(R"({"type": "Sequence", "decoders": [
      {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
      {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]})",
                    {"▁a", "<0xC3>", "<0xA9>", "▁b"}),
            "aé b");
}

TEST(decoder, says_what_it_does_not_know) {
  EXPECT_NE(message_of([] { decoded(R"({"type": "CTC"})", {}); }).find("unknown decoder 'CTC'"),
            std::string::npos);
}

}  // namespace
}  // namespace braid::text
