#include "text/byte_alphabet.h"

#include <array>

namespace braid::text {
namespace {

struct Alphabet {
  std::array<int32_t, 256> letters{};
  std::array<int32_t, 0x144> bytes{};  // the last letter is U+0143

  Alphabet() {
    bytes.fill(-1);
    int32_t next = 0x100;
    for (int32_t byte = 0; byte < 256; ++byte) {
      const bool is_printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
      const int32_t letter = is_printable ? byte : next++;
      letters[static_cast<size_t>(byte)] = letter;
      bytes[static_cast<size_t>(letter)] = byte;
    }
  }
};

const Alphabet& alphabet() {
  static const Alphabet made;
  return made;
}

}  // namespace

int32_t letter_of_byte(uint8_t byte) { return alphabet().letters[byte]; }

int32_t byte_of_letter(int32_t letter) {
  const auto& bytes = alphabet().bytes;
  return letter >= 0 && static_cast<size_t>(letter) < bytes.size()
             ? bytes[static_cast<size_t>(letter)]
             : -1;
}

}  // namespace braid::text
