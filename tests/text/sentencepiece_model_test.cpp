#include "text/sentencepiece_model.h"

#include <gtest/gtest.h>

#include "text/components.h"

namespace braid::text {
namespace {

std::string field(int number, const std::string& bytes) {
  return std::string(1, static_cast<char>(number << 3 | 2)) + static_cast<char>(bytes.size()) +
         bytes;
}

/// Piece 1: text 1, score 2 (-1.5 is BFC00000), type 3. The trainer's unk_id is field 40.
std::string model() {
  const std::string piece = field(1, "▁a") + "\x15" + std::string("\x00\x00\xC0\xBF", 4);
  const std::string control = field(1, "</s>") + std::string("\x18\x03", 2);
  return field(1, piece) + field(1, control) + field(2, std::string("\x18\x01\xC0\x02\x01", 5)) +
         field(3, field(1, "nmt") + field(2, "rules"));
}

TEST(sentencepiece_model, reads_pieces_and_rules) {
  const SentencePieceModel read = parse_sentencepiece(model(), "spiece.model");
  ASSERT_EQ(read.pieces.size(), 2u);
  EXPECT_EQ(read.pieces[0].text, "▁a");
  EXPECT_EQ(read.pieces[0].score, -1.5f);
  EXPECT_EQ(read.pieces[1].type, SentencePieceModel::Type::control);
  EXPECT_EQ(read.unknown_id, 1);
  EXPECT_TRUE(read.is_unigram);
  EXPECT_EQ(read.charsmap, "rules");
}

TEST(sentencepiece_model, what_is_cut_is_an_error_or_fewer_fields) {
  const std::string whole = model();
  for (size_t size = 0; size < whole.size(); ++size) {
    try {
      parse_sentencepiece(whole.substr(0, size), "spiece.model");
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::format);
      EXPECT_EQ(std::string(e.what()).find("spiece.model"), 0u);
    }
  }
  EXPECT_EQ(message_of([] { parse_sentencepiece("", "x"); }),
            "x: expected pieces, got none; is it a SentencePiece model?");
  EXPECT_NE(message_of([] {
              parse_sentencepiece("\x0A\x7F", "x");
            }).find("x: byte 2: expected the rest of a field"),
            std::string::npos);
}

}  // namespace
}  // namespace braid::text
