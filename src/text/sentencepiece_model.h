// Reads SentencePiece's model files (spiece.model), which are one protobuf message.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace braid::text {

struct SentencePieceModel {
  enum class Type { normal = 1, unknown, control, user_defined, unused, byte };
  struct Piece {
    std::string text;
    float score = 0;
    Type type = Type::normal;
  };
  std::vector<Piece> pieces;
  int64_t unknown_id = 0;
  bool is_unigram = true;
  std::string charsmap;  // compiled normalisation rules; "" where there are none
};

/// Errors   format: names `where` and the byte.
/// Source   google/sentencepiece, sentencepiece_model.proto; Protocol Buffers' encoding.
SentencePieceModel parse_sentencepiece(const std::string& bytes, const std::string& where);

}  // namespace braid::text
