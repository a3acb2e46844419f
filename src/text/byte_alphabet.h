// GPT-2's letters for bytes: every byte is a printable letter, so that vocabularies are text.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace braid::text {

/// Source   openai/gpt-2, encoder.py, bytes_to_unicode.
int32_t letter_of_byte(uint8_t byte);
/// -1 where the letter stands for no byte.
int32_t byte_of_letter(int32_t letter);
/// The letter of a space.
constexpr int32_t kSpaceLetter = 0x120;

}  // namespace braid::text
