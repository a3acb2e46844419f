// Up to the first NUL any bytes as a tokenizer.json, after it any bytes as text; and all of them as
// a SentencePiece model.
#include "text/tokenizer.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "text/sentencepiece_model.h"

namespace {

using braid::ErrorKind;
using braid::text::EncodeOptions;
using braid::text::Encoding;
using braid::text::Tokenizer;

void demand(bool is_right) {
  if (!is_right) __builtin_trap();
}

void check(const Encoding& encoding, size_t first_bytes, size_t second_bytes) {
  const size_t size = encoding.ids.size();
  demand(encoding.type_ids.size() == size && encoding.attention_mask.size() == size);
  demand(encoding.special_tokens_mask.size() == size && encoding.offsets.size() == size);
  const auto longest = static_cast<int64_t>(std::max(first_bytes, second_bytes));
  for (const auto& [begin, end] : encoding.offsets)
    demand(0 <= begin && begin <= end && end <= longest);
}

void encode_and_decode(const Tokenizer& tokenizer, std::string_view text) {
  const Encoding whole = tokenizer.encode(text);
  check(whole, text.size(), 0);
  tokenizer.decode(whole.ids);
  tokenizer.decode(whole.ids, /*skips_special_tokens=*/false);
  EncodeOptions few;
  few.max_length = 3;
  few.pads = false;
  const std::string_view half = text.substr(text.size() / 2);
  const Encoding pair = tokenizer.encode_pair(text, half, few);
  check(pair, text.size(), half.size());
  demand(pair.ids.size() <= 3);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try {
    braid::text::parse_sentencepiece(bytes, "fuzz");
  } catch (const braid::Error& e) {
    if (e.kind() != ErrorKind::format) throw;
  }
  const size_t end = std::min(bytes.find('\0'), bytes.size());
  const std::string_view text = std::string_view(bytes).substr(std::min(end + 1, bytes.size()));
  try {
    const Tokenizer tokenizer = Tokenizer::parse(bytes.substr(0, end), "fuzz");
    try {
      encode_and_decode(tokenizer, text);
    } catch (const braid::Error& e) {
      if (e.kind() != ErrorKind::data && e.kind() != ErrorKind::usage) throw;
    }
  } catch (const braid::Error& e) {
    if (e.kind() != ErrorKind::format) throw;
  }
  return 0;
}
