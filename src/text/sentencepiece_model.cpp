#include "text/sentencepiece_model.h"

#include <cstring>
#include <string_view>

#include "core/error.h"
#include "text/normalize.h"

namespace braid::text {
namespace {

/// One field of a message: a number, or bytes.
struct Field {
  uint64_t number = 0;
  enum class Kind { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 } kind = Kind::varint;
  uint64_t value = 0;
  std::string_view bytes;
};

/// Steps through the fields of a message; never behind its end.
class Message {
 public:
  Message(std::string_view bytes, size_t offset, const std::string& where)
      : bytes_(bytes), offset_(offset), where_(where) {}

  bool next(Field* field) {
    if (at_ == bytes_.size()) return false;
    const uint64_t key = varint();
    field->number = key >> 3;
    field->kind = static_cast<Field::Kind>(key & 7);
    field->value = 0;
    field->bytes = {};
    switch (field->kind) {
      case Field::Kind::varint:
        field->value = varint();
        break;
      case Field::Kind::fixed64:
        field->value = fixed(8);
        break;
      case Field::Kind::fixed32:
        field->value = fixed(4);
        break;
      case Field::Kind::bytes:
        field->bytes = take(varint());
        break;
      default:
        refuse("a field of a known kind");
    }
    return true;
  }

  /// Where a field's bytes lie in the file.
  size_t offset_of(const Field& field) const {
    return offset_ + static_cast<size_t>(field.bytes.data() - bytes_.data());
  }

  [[noreturn]] void refuse(const char* expected) const {
    fail(ErrorKind::format,
         "{}: byte {}: expected {}, got something else; is it a SentencePiece model, and complete?",
         where_, offset_ + at_, expected);
  }

 private:
  std::string_view take(uint64_t size) {
    if (size > bytes_.size() - at_) refuse("the rest of a field");
    const std::string_view taken = bytes_.substr(at_, size);
    at_ += size;
    return taken;
  }

  uint64_t fixed(size_t size) {
    const std::string_view taken = take(size);
    uint64_t value = 0;
    for (size_t i = size; i > 0; --i) value = value << 8 | static_cast<uint8_t>(taken[i - 1]);
    return value;
  }

  uint64_t varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<uint8_t>(take(1)[0]);
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    refuse("a number of at most 10 bytes");
  }

  std::string_view bytes_;
  size_t offset_, at_ = 0;
  const std::string& where_;
};

SentencePieceModel::Piece read_piece(Message message) {
  SentencePieceModel::Piece piece;
  for (Field field; message.next(&field);) {
    if (field.number == 1 && field.kind == Field::Kind::bytes) {
      if (!is_utf8(field.bytes)) message.refuse("a piece in UTF-8");
      piece.text = field.bytes;
    } else if (field.number == 2 && field.kind == Field::Kind::fixed32) {
      const auto bits = static_cast<uint32_t>(field.value);
      std::memcpy(&piece.score, &bits, sizeof(bits));
    } else if (field.number == 3 && field.kind == Field::Kind::varint) {
      if (field.value < 1 || field.value > 6) message.refuse("a type of piece");
      piece.type = static_cast<SentencePieceModel::Type>(field.value);
    }
  }
  return piece;
}

void read_trainer(Message message, SentencePieceModel& model) {
  constexpr uint64_t kModelType = 3, kUnknownId = 40, kUnigram = 1;
  for (Field field; message.next(&field);) {
    if (field.kind != Field::Kind::varint) continue;
    if (field.number == kModelType) model.is_unigram = field.value == kUnigram;
    if (field.number == kUnknownId) model.unknown_id = static_cast<int64_t>(field.value);
  }
}

void read_normalizer(Message message, SentencePieceModel& model) {
  constexpr uint64_t kCharsmap = 2;
  for (Field field; message.next(&field);)
    if (field.number == kCharsmap && field.kind == Field::Kind::bytes) model.charsmap = field.bytes;
}

}  // namespace

SentencePieceModel parse_sentencepiece(const std::string& bytes, const std::string& where) {
  SentencePieceModel model;
  Message message(bytes, 0, where);
  for (Field field; message.next(&field);) {
    if (field.kind != Field::Kind::bytes) continue;
    const Message inside(field.bytes, message.offset_of(field), where);
    if (field.number == 1) model.pieces.push_back(read_piece(inside));
    if (field.number == 2) read_trainer(inside, model);
    if (field.number == 3) read_normalizer(inside, model);
  }
  BRAID_CHECK(!model.pieces.empty(), format,
              "{}: expected pieces, got none; is it a SentencePiece model?", where);
  const auto size = static_cast<int64_t>(model.pieces.size());
  BRAID_CHECK(model.unknown_id >= 0 && model.unknown_id < size, format,
              "{}: unk_id: expected a piece's number below {}, got {}", where, size,
              model.unknown_id);
  return model;
}

}  // namespace braid::text
