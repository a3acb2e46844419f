#include "formats/plain_text.h"

#include <cstdint>

#include "core/error.h"

namespace braid::formats {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Bytes of the character at `at`, 0 where it is no UTF-8: Unicode 15, table 3-7, so neither
// overlong forms nor surrogates pass.
size_t character_length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
  };
  const auto is_tail = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  if (first < 0xE0) return is_tail(1) ? 2 : 0;
  if (first < 0xF0) {
    if (!is_tail(1) || !is_tail(2)) return 0;
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
    return 3;
  }
  if (!is_tail(1) || !is_tail(2) || !is_tail(3)) return 0;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
  return 4;
}

}  // namespace

std::string_view checked_text(std::string_view text, const std::string& name) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark)
    text.remove_prefix(kByteOrderMark.size());
  int64_t line = 1;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '\n' || (c == '\r' && text.substr(at + 1, 1) != "\n")) ++line;
    BRAID_CHECK(c != '\0', format,
                "{}:{}: expected text, got a NUL byte; save the file as plain UTF-8", name, line);
    const size_t length = character_length(text, at);
    BRAID_CHECK(length > 0, format,
                "{}:{}: expected UTF-8, got the byte 0x{:02X}; save the file as UTF-8", name, line,
                static_cast<unsigned char>(c));
    at += length;
  }
  return text;
}

}  // namespace braid::formats
