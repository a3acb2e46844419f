#include "text/code_points.h"

#include <utf8proc.h>

#include <algorithm>

namespace braid::text {
namespace {

bool is_within(int32_t c, int32_t first, int32_t last) { return c >= first && c <= last; }

/// The second bytes that may follow a lead byte (Unicode, table 3-7).
bool may_follow(uint8_t lead, uint8_t second) {
  if (lead == 0xE0) return second >= 0xA0 && second <= 0xBF;
  if (lead == 0xED) return second >= 0x80 && second <= 0x9F;
  if (lead == 0xF0) return second >= 0x90 && second <= 0xBF;
  if (lead == 0xF4) return second >= 0x80 && second <= 0x8F;
  return (second & 0xC0) == 0x80;
}

}  // namespace

int32_t next_or_replacement(std::string_view bytes, size_t& length) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  length = 1;
  const uint8_t lead = byte(0);
  if (lead < 0x80) return lead;
  if (lead < 0xC2 || lead > 0xF4) return kReplacement;
  const size_t whole = length_by_lead(bytes[0]);
  if (bytes.size() < 2 || !may_follow(lead, byte(1))) return kReplacement;
  for (length = 2; length < whole; ++length) {
    if (length >= bytes.size() || (byte(length) & 0xC0) != 0x80) return kReplacement;
  }
  size_t at = 0;
  return step_code_point(bytes, at);
}

int32_t next_code_point(std::string_view bytes, size_t& length) {
  const int32_t code_point = next_or_replacement(bytes, length);
  if (code_point == kReplacement && bytes.substr(0, 3) != "\xEF\xBF\xBD") length = 1;
  return code_point;
}

void append_utf8(int32_t code_point, std::string& out) {
  if (code_point < 0x80) {
    out.push_back(static_cast<char>(code_point));
    return;
  }
  utf8proc_uint8_t bytes[4];
  const utf8proc_ssize_t length = utf8proc_encode_char(code_point, bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
}

std::string repaired_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    size_t length = 0;
    append_utf8(next_or_replacement(bytes, length), out);
    bytes.remove_prefix(length);
  }
  return out;
}

bool is_white_space(int32_t c) {
  if (c < 0x80) return c == ' ' || is_within(c, '\t', '\r');
  return c == 0x85 || c == 0xA0 || c == 0x1680 || is_within(c, 0x2000, 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_punctuation(int32_t c) {
  // BERT counts every ASCII symbol, also $ + < = > ^ ` | ~, which Unicode has outside P.
  if (c < 0x80)
    return c > ' ' && c < 0x7F && !is_within(c, '0', '9') && !is_within(c | 32, 'a', 'z');
  const utf8proc_category_t category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

bool is_word_letter(int32_t c) {
  if (c < 0x80) return is_within(c, '0', '9') || is_within(c | 32, 'a', 'z') || c == '_';
  const utf8proc_category_t category = utf8proc_category(c);
  if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NL) return true;
  if (category == UTF8PROC_CATEGORY_PC || c == 0x200C || c == 0x200D) return true;
  // Symbols that are alphabetic: letters in circles and squares.
  return is_within(c, 0x24B6, 0x24E9) || is_within(c, 0x1F130, 0x1F149) ||
         is_within(c, 0x1F150, 0x1F169) || is_within(c, 0x1F170, 0x1F189);
}

bool is_numeric(int32_t c) {
  if (c < 0x80) return is_within(c, '0', '9');
  const utf8proc_category_t category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
}

bool is_control(int32_t c) {
  if (c < 0x80) return c < ' ' || c == 0x7F;
  const utf8proc_category_t category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
         category == UTF8PROC_CATEGORY_CO || category == UTF8PROC_CATEGORY_CS;
}

bool is_nonspacing_mark(int32_t c) {
  return c >= 0x300 && utf8proc_category(c) == UTF8PROC_CATEGORY_MN;
}

bool is_mark(int32_t c) {
  if (c < 0x300) return false;
  const utf8proc_category_t category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

int combining_class(int32_t c) {
  return c < 0x300 ? 0 : static_cast<int>(utf8proc_get_property(c)->combining_class);
}

int32_t lower_simple(int32_t c) { return utf8proc_tolower(c); }

}  // namespace braid::text
