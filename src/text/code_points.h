// UTF-8 and the properties of code points that tokenizers ask for; the tables are utf8proc's.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace braid::text {

constexpr int32_t kReplacement = 0xFFFD;

/// Bytes of the code point that starts with `lead`, in well-formed UTF-8.
inline size_t length_by_lead(char lead) {
  const auto byte = static_cast<uint8_t>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// The code point at `at` of well-formed UTF-8; steps `at` behind it.
inline int32_t step_code_point(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<int32_t>(static_cast<uint8_t>(text[i])); };
  const int32_t lead = byte(at);
  if (lead < 0x80) {
    ++at;
    return lead;
  }
  const size_t length = length_by_lead(text[at]);
  int32_t code_point = lead & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) code_point = code_point << 6 | (byte(at + i) & 0x3F);
  at += length;
  return code_point;
}

/// The code point at the start of `bytes` (not empty) and its length; where malformed U+FFFD and 1.
int32_t next_code_point(std::string_view bytes, size_t& length);

/// The same, but what is malformed goes as the longest beginning of a code point, at least one byte
/// (Unicode's maximal subpart): a cut code point is one U+FFFD.
int32_t next_or_replacement(std::string_view bytes, size_t& length);

void append_utf8(int32_t code_point, std::string& out);

/// `bytes` with U+FFFD for what is no UTF-8, as next_or_replacement() cuts it.
std::string repaired_utf8(std::string_view bytes);

/// Of well-formed UTF-8; elsewhere the bytes that continue nothing.
inline int64_t count_code_points(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

inline bool is_ascii_only(std::string_view text) {
  uint8_t all = 0;
  for (const char c : text) all |= static_cast<uint8_t>(c);
  return all < 0x80;
}

/// Unicode's White_Space.
bool is_white_space(int32_t code_point);
/// ASCII's symbols and Unicode's P categories: what BERT calls punctuation.
bool is_punctuation(int32_t code_point);
/// Letters, marks, digits, connectors and joiners: \w of Unicode's regular expressions (UTS 18).
bool is_word_letter(int32_t code_point);
/// Unicode's N categories.
bool is_numeric(int32_t code_point);
/// Unicode's categories Cc, Cf, Co and Cs; unassigned code points are not among them.
bool is_control(int32_t code_point);
bool is_nonspacing_mark(int32_t code_point);
/// Any of Unicode's M categories.
bool is_mark(int32_t code_point);
int combining_class(int32_t code_point);
/// Hands the small form of a code point, one or two code points, to `take(code_point)`.
template <class Take>
void lower(int32_t code_point, const Take& take);
/// The small form of one code point; U+0130 alone has one of two code points, see lower().
int32_t lower_simple(int32_t code_point);

template <class Take>
void lower(int32_t code_point, const Take& take) {
  if (code_point < 0x80) {
    take(code_point >= 'A' && code_point <= 'Z' ? code_point | 32 : code_point);
  } else if (code_point == 0x130) {
    take('i');
    take(0x307);
  } else {
    take(lower_simple(code_point));
  }
}

}  // namespace braid::text
