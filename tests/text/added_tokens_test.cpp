#include "text/added_tokens.h"

#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

/// The pieces of `text`, added tokens in brackets.
std::string cut(const std::string& list, const std::string& text,
                const char* normalizer = nullptr) {
  Vocabulary vocabulary;
  vocabulary.add("a", 0, "vocab");
  const auto made =
      normalizer == nullptr ? nullptr : make_normalizer(PlainJson::parse(normalizer), "n");
  const PlainJson json = PlainJson::parse(list);
  const AddedTokens added(&json, "added", vocabulary, made.get());
  const PreTokenized cut = added.extract(align(text), made.get());
  std::string out;
  for (const Piece& piece : cut.pieces) {
    const std::string part(cut.text_of(piece));
    out += piece.added_id >= 0 ? "[" + part + "]" : "(" + part + ")";
  }
  return out;
}

std::string token(const std::string& content, const std::string& fields, int id = 1) {
  return R"({"content": ")" + content + R"(", "id": )" + std::to_string(id) + fields + "}";
}

TEST(added_tokens, are_found_before_anything_else) {
  EXPECT_EQ(cut("[" + token("<m>", "") + "]", "x <m>y<m>"), "(x )[<m>](y)[<m>]");
  EXPECT_EQ(cut("[" + token("<m>", R"(, "lstrip": true, "rstrip": true)") + "]", "x \n<m>  y"),
            "(x)[ \n<m>  ](y)");
  EXPECT_EQ(cut("[" + token("ab", R"(, "single_word": true)") + "]", "ab abc-ab_ ab"),
            "[ab]( abc-ab_ )[ab]");
  EXPECT_EQ(cut("[" + token("<m>", "") + "," + token("<m><n>", "", 2) + "]", "<m><n><m>"),
            "[<m><n>][<m>]");
}

TEST(added_tokens, before_or_after_normalisation) {
  const char* lower = R"({"type": "Lowercase"})";
  EXPECT_EQ(cut("[" + token("<M>", R"(, "normalized": false)") + "]", "X<M><m>", lower),
            "(x)[<M>](<m>)");
  EXPECT_EQ(cut("[" + token("<M>", R"(, "normalized": true)") + "]", "X<M><m>", lower),
            "(x)[<m>][<m>]");
}

TEST(added_tokens, ids_belong_to_the_vocabulary) {
  EXPECT_NE(message_of([] {
              cut("[" + token("<m>", "", 5) + "]", "");
            }).find("token '<m>': expected the id 1, its own in the vocabulary or the next"),
            std::string::npos);
  EXPECT_EQ(cut("[" + token("a", "", 0) + "]", "bab"), "(b)[a](b)");
}

}  // namespace
}  // namespace braid::text
