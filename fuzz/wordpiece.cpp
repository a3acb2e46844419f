// Up to the first NUL any bytes as a vocab.txt, after it any bytes as text, to encode and to learn
// from.
#include "text/wordpiece.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "core/error.h"

namespace {

using braid::text::WordPiece;
using braid::text::WordPieceConfig;

void encode_and_decode(const WordPiece& pieces, std::string_view text) {
  const std::vector<int32_t> ids = pieces.encode(text, /*max_tokens=*/0);
  pieces.decode(ids);  // throws on an id outside the vocabulary
  const std::vector<int32_t> first = pieces.encode(text, /*max_tokens=*/3);
  if (first.size() > 3 || !std::equal(first.begin(), first.end(), ids.begin())) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(bytes.find('\0'), bytes.size());
  const std::string_view text = bytes.substr(std::min(end + 1, bytes.size()));
  WordPieceConfig config;
  config.normalize.lowercase = size % 2 == 0;
  config.normalize.strip_accents = size % 3 != 0;
  try {
    encode_and_decode(WordPiece::parse(bytes.substr(0, end), "fuzz", config), text);
  } catch (const braid::Error& e) {
    if (e.kind() != braid::ErrorKind::format) throw;
  }
  bool is_read = false;
  const WordPiece learned = WordPiece::learn(
      [&](std::string* next) {
        if (is_read) return false;
        next->assign(text);
        return is_read = true;
      },
      config);
  encode_and_decode(learned, text);
  if (WordPiece::parse(learned.serialize(), "learned", config).serialize() != learned.serialize()) {
    __builtin_trap();
  }
  return 0;
}
