#include <gtest/gtest.h>

#include "text/components.h"
#include "text/pre_tokenizer.h"

namespace braid::text {
namespace {

using Words = std::vector<std::string>;

TEST(space_pre_tokenizers, metaspace_in_older_and_newer_words) {
  const auto words = [](const std::string& fields, const std::string& text) {
    return words_of(R"({"type": "Metaspace", "replacement": "▁")" + fields + "}", text);
  };
  EXPECT_EQ(words("", "Hey you"), (Words{"▁Hey", "▁you"}));
  EXPECT_EQ(words(R"(, "add_prefix_space": true)", " a  b"), (Words{"▁a", "▁", "▁b"}));
  EXPECT_EQ(words(R"(, "add_prefix_space": false)", "a b"), (Words{"a", "▁b"}));
  EXPECT_EQ(words(R"(, "prepend_scheme": "never")", "a b"), (Words{"a", "▁b"}));
  EXPECT_EQ(words(R"(, "prepend_scheme": "always", "split": false)", "a b"), (Words{"▁a▁b"}));
  EXPECT_NE(message_of([&] {
              words(R"(, "prepend_scheme": "first", "add_prefix_space": false)", "a");
            }).find("expected what \"prepend_scheme\" says"),
            std::string::npos);
}

TEST(space_pre_tokenizers, metaspace_first_prepends_at_the_begin_alone) {
  PreTokenized text;
  text.aligned = align("ab");
  text.pieces = {{0, 1, -1}, {1, 2, -1}};
  make_pre_tokenizer(
      PlainJson::parse(R"({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"})"),
      "p")
      ->apply(text);
  EXPECT_EQ(text.aligned.text, "▁ab");
  EXPECT_EQ(text.aligned.sources[0].end, 1u);
}

TEST(space_pre_tokenizers, byte_level_writes_bytes_as_letters) {
  EXPECT_EQ(words_of(R"({"type": "ByteLevel", "add_prefix_space": false})", "It's 42 é\n\n x"),
            (Words{"It", "'s", "Ġ42", "ĠÃ©", "ĊĊ", "Ġx"}));
  EXPECT_EQ(words_of(R"({"type": "ByteLevel"})", "a"), (Words{"Ġa"}));
  EXPECT_EQ(words_of(R"({"type": "ByteLevel", "use_regex": false})", "a b"), (Words{"ĠaĠb"}));
  const PreTokenized cut = pre_tokenize(R"({"type": "ByteLevel", "use_regex": false})", "é");
  EXPECT_EQ(sources_of(cut.aligned), (Spans{{0, 2}, {0, 2}, {0, 2}, {0, 2}, {0, 2}, {0, 2}}));
}

}  // namespace
}  // namespace braid::text
